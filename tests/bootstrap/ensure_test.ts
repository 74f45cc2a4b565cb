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
import { DOCUMENT, type Principal, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

const SEED = { POLARIS_CLIENT_ID: "root", POLARIS_CLIENT_SECRET: "s3cr3t" };
const LOCK = `.${DOCUMENT}.lock`;

/** Runs a test in a directory of its own, which must be left with the document alone. */
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

/** Mints principals with numbers, and collects those that were in vain. */
function mintery() {
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

test("ensure() mints what is missing, although a seed is in the environment", async (directory) => {
  const resolver = principalResolver(directory, { env: SEED });
  assertEquals((await resolver.resolve("polaris:oauth")).source, "env");
  const credential = await ensure(resolver, "polaris:oauth", () => principalOf(1));
  assertEquals([credential.source, credential.get("client_id")], ["file", "id-1"]);
  assertEquals(read(`${directory}/${DOCUMENT}`), { ...principalOf(1) });
  assertEquals(await resolver.resolve("polaris:oauth"), credential);
});

test("ensure() gives what is there and mints nothing, in the store itself or one above", async (directory) => {
  await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
  const resolver = principalResolver(directory, { env: SEED });
  const first = await ensure(resolver, "polaris:oauth", mustNotMint);
  assertEquals(first.get("client_id"), "id-1");
  assertEquals(await ensure(resolver, "polaris:oauth", mustNotMint), first, "held");
  resolver.install("upper", memory({ priority: 300, values: { client_id: "above", client_secret: "not-a-secret" } }), {
    "polaris:oauth": { prefix: "" },
  });
  // The store to write to is the installed one now, which has it.
  assertEquals((await ensure(resolver, "polaris:oauth", mustNotMint)).source, "upper");
});

test("ensure() mints nothing while a store that may have it can't say", async (directory) => {
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
  for (const refusal of [denied("sealed"), invalid("torn"), unavailable("no connection")]) {
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

test("ensure() finds out that it can't write before it mints", async (directory) => {
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

test("ensure() never replaces what another wrote meanwhile, gives that, and hands out what was minted in vain", async (directory) => {
  const { mint, onOrphan, orphans } = mintery();
  const credential = await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf("theirs"));
    return await mint();
  }, { onOrphan });
  assertEquals([credential.get("client_id"), orphans], ["id-theirs", [principalOf(1)]]);
  assertEquals(read(`${directory}/${DOCUMENT}`), { ...principalOf("theirs") });
});

test("ensure() takes the same principal minted twice for no orphan, so that nobody revokes the one in use", async (directory) => {
  const { onOrphan, orphans } = mintery();
  await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
    return principalOf(1);
  }, { onOrphan });
  assertEquals(orphans, []);
});

test("ensure() keeps what else is in a document that is there already", async (directory) => {
  Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, JSON.stringify({ note: 1 }));
  const { mint, onOrphan, orphans } = mintery();
  const credential = await ensure(principalResolver(directory), "polaris:oauth", mint, { onOrphan });
  assertEquals([credential.get("client_id"), orphans], ["id-1", []]);
  assertEquals(read(`${directory}/${DOCUMENT}`), { note: 1, ...principalOf(1) });
  Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, JSON.stringify({ note: 2 }));
  const other = await ensure(principalResolver(directory), "polaris:oauth", async () => {
    await persist(principalResolver(directory), "polaris:oauth", principalOf("theirs"));
    return await mint();
  }, { onOrphan });
  assertEquals([other.get("client_id"), orphans], ["id-theirs", [principalOf(2)]]);
});

test("ensure() mints once for many that ask at once, in one resolver and in several", async (directory) => {
  const mintings = mintery();
  const shared = principalResolver(directory);
  const asked = Array.from(
    { length: 20 },
    (_, at) => ensure(at % 2 ? shared : principalResolver(directory), "polaris:oauth", mintings.mint, mintings),
  );
  const ids = new Set((await Promise.all(asked)).map((credential) => credential.get("client_id")));
  assertEquals([[...ids], mintings.minted, mintings.orphans], [["id-1"], 1, []]);
});

test("ensure() leaves nothing behind when minting fails, and the next one mints", async (directory) => {
  const resolver = principalResolver(directory);
  const broken = () => Promise.reject(new Error("the catalog is down"));
  await assertRejects(() => ensure(resolver, "polaris:oauth", broken), Error, "the catalog is down");
  assertEquals([...Deno.readDirSync(directory)], []);
  assertEquals((await ensure(resolver, "polaris:oauth", () => principalOf(1))).get("client_id"), "id-1");
});

test("ensure() hands out what was minted and can't be written", async (directory) => {
  const { onOrphan, orphans } = mintery();
  const half = { client_id: "id" } as Principal;
  const error = await assertRejects(
    () => ensure(principalResolver(directory), "polaris:oauth", () => half, { onOrphan }),
    CredentialError,
  );
  assertEquals([error.code, orphans], ["incomplete", [half]]);
});

test("ensure() takes over from an owner that gives no sign for ten seconds, and from no other", async (directory) => {
  const clock = testClock();
  Deno.writeTextFileSync(`${directory}/${LOCK}`, "another's nonce");
  const { mint, onOrphan } = mintery();
  let settled = false;
  const ensuring = ensure(principalResolver(directory, { clock }), "polaris:oauth", mint, { onOrphan })
    .finally(() => settled = true);
  for (let second = 1; second <= 20; second++) {
    await clock.advance(1_000);
    Deno.utimeSync(`${directory}/${LOCK}`, second, second);
  }
  assert(!settled, "while the owner gives signs");
  await clock.advance(9_000);
  assert(!settled, "before ten seconds have passed");
  while (!settled) await clock.advance(100);
  assertEquals((await ensuring).get("client_id"), "id-1");
});

test("ensure() shows that it is alive while it mints, so that nobody takes over from a slow minting", async (directory) => {
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

test("ensure() stops waiting for another's minting when its signal says so", async (directory) => {
  Deno.writeTextFileSync(`${directory}/${LOCK}`, "another's nonce");
  const ending = new AbortController();
  const waiting = ensure(principalResolver(directory), "polaris:oauth", mustNotMint, { signal: ending.signal });
  ending.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(Deno.readTextFileSync(`${directory}/${LOCK}`), "another's nonce");
  Deno.removeSync(`${directory}/${LOCK}`);
});

Deno.test("ensure() walks once to give what it found", async () => {
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

Deno.test("ensure() mints once for a store of memory too", async () => {
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
