import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createResolver,
  CredentialError,
  defineChain,
  defineStore,
  denied,
  file,
  invalid,
  memory,
  required,
  unavailable,
  variables,
} from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { scriptedStore, testClock, testHost } from "../../src/testing/mod.ts";
import {
  DOCUMENT,
  type Principal,
  principalOf,
  principalResolver,
  sharedResolver,
} from "../support/bootstrap/principal_chain.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const SEED = { POLARIS_CLIENT_ID: "root", POLARIS_CLIENT_SECRET: "s3cr3t" };
const LOCK = `.${DOCUMENT}.lock`;

/** Runs a test in a directory of its own, in which no hidden file may be left. */
function test(name: string, run: (directory: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = makeDirectory();
    try {
      await run(directory.path);
      assertEquals([...Deno.readDirSync(directory.path)].filter(({ name }) => name.startsWith(".")), []);
    } finally {
      directory.remove();
    }
  });
}

function read(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(path));
}

function mustNotMint(): Principal {
  throw new Error("minted");
}

/** Mints numbered principals, and collects the orphans. */
function createMinter() {
  const orphans: unknown[] = [];
  let minted = 0;
  return {
    orphans,
    get minted() {
      return minted;
    },
    mint: async () => {
      const principal = principalOf(++minted);
      await Promise.resolve();
      return principal;
    },
    onOrphan: (values: unknown) => void orphans.push(values),
  };
}

test("ensure() mints a missing credential although the environment has a seed", async (directory) => {
  const resolver = principalResolver(directory, { env: SEED });
  assertEquals((await resolver.resolve("polaris:oauth")).source, "env");
  const credential = await ensure(resolver, "polaris:oauth", () => principalOf(1));
  assertEquals([credential.source, credential.get("client_id")], ["file", "id-1"]);
  assertEquals(read(`${directory}/${DOCUMENT}`), { ...principalOf(1) });
  assertEquals(await resolver.resolve("polaris:oauth"), credential);
});

test("ensure() mints nothing if its store or a higher one has the credential", async (directory) => {
  await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
  const resolver = principalResolver(directory, { env: SEED });
  const first = await ensure(resolver, "polaris:oauth", mustNotMint);
  assertEquals(first.get("client_id"), "id-1");
  assertEquals(await ensure(resolver, "polaris:oauth", mustNotMint), first, "the held credential was not used");
  resolver.install("upper", memory({ priority: 300, values: { client_id: "above", client_secret: "not-a-secret" } }), {
    "polaris:oauth": { prefix: "" },
  });
  // The store to write to is now the installed one, which has the credential.
  assertEquals((await ensure(resolver, "polaris:oauth", mustNotMint)).source, "upper");
});

test("ensure() mints nothing while a store that may have the credential cannot answer", async (directory) => {
  const upper = scriptedStore({ shape: variables });
  const chain = defineChain({
    stores: {
      upper: upper.store({ priority: 300, onDenied: "next", onInvalid: "next" }),
      file: file({ priority: 200, directory }),
    },
    credentials: {
      "polaris:oauth": {
        fields: { client_id: required(), client_secret: required() },
        from: { upper: { prefix: "" }, file: DOCUMENT },
      },
    },
  });
  const ensured = () => ensure(createResolver(chain), "polaris:oauth", mustNotMint);
  for (const refusal of [denied("sealed"), invalid("not valid JSON"), unavailable("no connection")]) {
    upper.answer = refusal;
    const error = await assertRejects(ensured, CredentialError);
    assertEquals(
      [error.code, error.message],
      [
        refusal.outcome,
        `Cannot ensure "polaris:oauth": "upper" is ${refusal.outcome}: ${refusal.detail}; ` +
        "nothing was minted, because this store may have the credential",
      ],
    );
  }
  upper.answer = undefined;
  upper.answers.client_id = "half";
  assertEquals((await assertRejects(ensured, CredentialError)).code, "incomplete");
  delete upper.answers.client_id;
  for (const [text, code] of [['{"client_id": "half"}', "incomplete"], ["{", "invalid"], ["", "invalid"]]) {
    Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, text!);
    assertEquals((await assertRejects(ensured, CredentialError)).code, code);
  }
});

test("ensure() fails before it mints if the credential cannot be written", async (directory) => {
  const ensured = (path: string) => ensure(principalResolver(path), "polaris:oauth", mustNotMint);
  Deno.writeTextFileSync(`${directory}/a-file`, "");
  const error = await assertRejects(() => ensured(`${directory}/a-file`), CredentialError);
  assertStringIncludes(error.message, "Cannot ensure");
  const template = await assertRejects(
    () => ensure(principalResolver(directory), "polaris:rest", mustNotMint as never),
    CredentialError,
  );
  assertStringIncludes(template.message, "a template cannot be written");
});

test("ensure() returns what another process wrote in the meantime, and passes its own minted credential to onOrphan", async (directory) => {
  const { mint, onOrphan, orphans } = createMinter();
  const credential = await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf("theirs"));
    return await mint();
  }, { onOrphan });
  assertEquals([credential.get("client_id"), orphans], ["id-theirs", [principalOf(1)]]);
  assertEquals(read(`${directory}/${DOCUMENT}`), { ...principalOf("theirs") });
});

test("ensure() does not report a principal in use as an orphan if it was minted twice", async (directory) => {
  const { onOrphan, orphans } = createMinter();
  await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
    return principalOf(1);
  }, { onOrphan });
  assertEquals(orphans, []);
});

test("ensure() mints nothing for a document in another form, and leaves it as it is", async (directory) => {
  const foreign = { accessKey: "not-a-key", secretKey: "not-a-secret" };
  Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, JSON.stringify(foreign));
  const minter = createMinter();
  const error = await rejection(ensure(principalResolver(directory), "polaris:oauth", minter.mint, minter));
  assertEquals([error.code, minter.minted], ["incomplete", 0]);
  assertEquals(read(`${directory}/${DOCUMENT}`), foreign);
});

test("ensure() keeps what other credentials have in a document", async (directory) => {
  const path = `${directory}/shared.json`;
  Deno.writeTextFileSync(path, JSON.stringify({ b: { key: "theirs" }, note: 1 }));
  const credential = await ensure(sharedResolver(directory), "a:key", () => ({ key: "mine" }));
  assertEquals(credential.get("key"), "mine");
  assertEquals(read(path), { b: { key: "theirs" }, note: 1, a: { key: "mine" } });
});

test("ensure() gives up what it minted where another process wrote the document meanwhile", async (directory) => {
  const { mint, onOrphan, orphans } = createMinter();
  const other = await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf("theirs"));
    return await mint();
  }, { onOrphan });
  assertEquals([other.get("client_id"), orphans], ["id-theirs", [principalOf(1)]]);
});

test("ensure() mints once for concurrent calls, on one resolver and on several", async (directory) => {
  const minter = createMinter();
  const shared = principalResolver(directory);
  const asked = Array.from(
    { length: 20 },
    (_, at) => ensure(at % 2 ? shared : principalResolver(directory), "polaris:oauth", minter.mint, minter),
  );
  const ids = new Set((await Promise.all(asked)).map((credential) => credential.get("client_id")));
  assertEquals([[...ids], minter.minted, minter.orphans], [["id-1"], 1, []]);
});

test("ensure() leaves no file behind if minting fails, and the next call mints", async (directory) => {
  const resolver = principalResolver(directory);
  const broken = () => Promise.reject(new Error("the catalog is down"));
  await assertRejects(() => ensure(resolver, "polaris:oauth", broken), Error, "the catalog is down");
  assertEquals([...Deno.readDirSync(directory)], []);
  assertEquals((await ensure(resolver, "polaris:oauth", () => principalOf(1))).get("client_id"), "id-1");
});

test("ensure() passes a minted credential that cannot be written to onOrphan", async (directory) => {
  const { onOrphan, orphans } = createMinter();
  const half = { client_id: "id" } as Principal;
  const error = await assertRejects(
    () => ensure(principalResolver(directory), "polaris:oauth", () => half, { onOrphan }),
    CredentialError,
  );
  assertEquals([error.code, orphans], ["incomplete", [half]]);
});

test("ensure() takes over from an owner without a heartbeat for ten seconds, but not earlier", async (directory) => {
  const clock = testClock();
  Deno.writeTextFileSync(`${directory}/${LOCK}`, "another's nonce");
  const { mint, onOrphan } = createMinter();
  let done = false;
  const ensuring = ensure(principalResolver(directory, { clock }), "polaris:oauth", mint, { onOrphan })
    .finally(() => done = true);
  for (let second = 1; second <= 20; second++) {
    await clock.advance(1_000);
    Deno.utimeSync(`${directory}/${LOCK}`, second, second);
  }
  assert(!done, "it took over although the owner was alive");
  await clock.advance(9_000);
  assert(!done, "it took over before ten seconds had passed");
  while (!done) await clock.advance(100);
  assertEquals((await ensuring).get("client_id"), "id-1");
});

test("ensure() sends a heartbeat while it mints, so that no other process takes over from a slow one", async (directory) => {
  const clock = testClock();
  let release = (_: Principal) => {};
  const slow = new Promise<Principal>((resolve) => release = resolve);
  const first = ensure(principalResolver(directory, { clock }), "polaris:oauth", () => slow);
  const second = ensure(principalResolver(directory, { clock }), "polaris:oauth", mustNotMint);
  for (let second = 0; second < 60; second++) await clock.advance(1_000);
  release(principalOf(1));
  assertEquals((await first).get("client_id"), "id-1");
  await clock.advance(1_000);
  assertEquals((await second).get("client_id"), "id-1");
  assertEquals(clock.timers, 0);
});

test("ensure() stops waiting for another process when its signal is aborted", async (directory) => {
  Deno.writeTextFileSync(`${directory}/${LOCK}`, "another's nonce");
  const ending = new AbortController();
  const waiting = ensure(principalResolver(directory), "polaris:oauth", mustNotMint, { signal: ending.signal });
  ending.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(Deno.readTextFileSync(`${directory}/${LOCK}`), "another's nonce");
  Deno.removeSync(`${directory}/${LOCK}`);
});

Deno.test("ensure() walks once to return what it found", async () => {
  const vault = scriptedStore({ shape: variables });
  const own = defineStore({
    kind: "own",
    shape: variables,
    recheck: 0,
    open: () => () => "held",
    write: () => () => {},
  });
  const chain = defineChain({
    stores: { vault: vault.store({ priority: 2, recheck: 0 }), own: own({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { vault: { prefix: "" }, own: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, testHost());
  await resolver.resolve("a:b");
  const before = vault.asked.length;
  assertEquals((await ensure(resolver, "a:b", mustNotMint as never)).get("key"), "held");
  assertEquals(vault.asked.length - before, 2, "one look for what is there, and one walk");
});

Deno.test("ensure() mints nothing once its resolver is disposed of, and fails with closed", async () => {
  const upper = scriptedStore({ shape: variables, later: true });
  const chain = defineChain({
    stores: { upper: upper.store({ priority: 2 }), memory: memory({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { upper: { prefix: "" }, memory: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, testHost());
  const ensured = rejection(ensure(resolver, "a:b", mustNotMint as never));
  await resolver[Symbol.asyncDispose]();
  assertEquals((await ensured).code, "closed");
  assertEquals(upper.asked.length, 1);
});

Deno.test("ensure() mints once for a memory() store too", async () => {
  const chain = defineChain({
    stores: { memory: memory({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { memory: { prefix: "" } } } },
  });
  const resolver = createResolver(chain);
  let minted = 0;
  const mint = async () => ({ key: await Promise.resolve(`key-${++minted}`) });
  const asked = [1, 2, 3].map(() => ensure(resolver, "a:b", mint));
  assertEquals((await Promise.all(asked)).map((credential) => credential.get("key")), ["key-1", "key-1", "key-1"]);
});

test("ensure() and persist() write into a document or a section that holds nothing, whichever JSON says so", async (directory) => {
  for (const text of ["{}", "null", "[]"]) {
    for (const write of [ensure, persist]) {
      Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, text);
      const minted = principalOf(1);
      await write(principalResolver(directory), "polaris:oauth", (write === ensure ? () => minted : minted) as never);
      assertEquals(read(`${directory}/${DOCUMENT}`), { ...minted }, text);
    }
    Deno.writeTextFileSync(`${directory}/shared.json`, `{"a":${text},"b":{"key":"own"}}`);
    await ensure(sharedResolver(directory), "a:key", () => ({ key: "minted" }));
    assertEquals(read(`${directory}/shared.json`), { b: { key: "own" }, a: { key: "minted" } }, text);
  }
});

test("ensure() mints nothing for which the document has no place", async (directory) => {
  for (const section of ['"not ready"', "7", '["item"]']) {
    Deno.writeTextFileSync(`${directory}/shared.json`, `{"a":${section},"b":{"key":"own"}}`);
    const { code } = await rejection(ensure(sharedResolver(directory), "a:key", mustNotMint as never));
    assertEquals(code, "incomplete", section);
  }
  const at = (locator: string) => ({
    fields: { key: required() },
    from: { file: { document: "shared.json", fields: { key: locator } } },
  });
  const resolver = createResolver(defineChain({
    stores: { file: file({ priority: 1, directory }) },
    credentials: { "a:key": at("/hosts/first/key"), "b:key": at("/hosts/0/key") },
  }));
  Deno.writeTextFileSync(`${directory}/shared.json`, '{"hosts":[{"key":"own"}]}');
  const { code, message } = await rejection(ensure(resolver, "a:key", mustNotMint as never));
  assertEquals([code, message.includes("leads through a value that is not an object")], ["invalid", true]);
});
