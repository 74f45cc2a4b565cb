import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createResolver,
  CredentialError,
  defineChain,
  defineStore,
  denied,
  document,
  file,
  type Files,
  memory,
  optional,
  required,
  setting,
  token,
  unavailable,
  variables,
} from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { scriptedStore, testClock, testHost } from "../../src/testing/mod.ts";
import { DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { testInDirectory as test } from "../support/fixtures/directory.ts";

function read(path: string): unknown {
  return JSON.parse(Deno.readTextFileSync(path));
}

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o777;
}

async function failure(run: () => Promise<unknown>): Promise<CredentialError> {
  return await assertRejects(run, CredentialError);
}

test("persist() writes a document that the next resolve of any resolver finds", async (directory) => {
  const written = await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
  assertEquals(written, {
    key: "polaris:oauth",
    store: "file",
    names: [`${DOCUMENT}#client_id`, `${DOCUMENT}#client_secret`],
  });
  const found = await principalResolver(directory).resolve("polaris:oauth");
  assertEquals([found.get("client_id"), found.get("client_secret"), found.source], ["id-1", "not-a-secret-1", "file"]);
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), [DOCUMENT], "another file was left");
});

test("persist() writes a document whose name has a colon in it", async (directory) => {
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { file: "db:basic.json" } } },
  });
  await persist(createResolver(chain), "db:basic", { user: "minted" });
  assertEquals(read(`${directory}/db:basic.json`), { user: "minted" });
  assertEquals((await createResolver(chain).resolve("db:basic")).source, "file");
});

test("persist() notifies the listeners of every credential that is read from the document", async (directory) => {
  const resolver = principalResolver(directory, { env: { POLARIS_REST_CREDENTIAL: "root:s3cr3t" } });
  const notified: string[] = [];
  resolver.onChange("polaris:rest", (credential) => notified.push(credential.get("credential")));
  assertEquals((await resolver.resolve("polaris:rest")).source, "env");
  await persist(resolver, "polaris:oauth", principalOf(1));
  assertEquals(notified, ["id-1:not-a-secret-1"]);
  assertEquals((await resolver.resolve("polaris:rest")).source, "file", "the held credential of env was not replaced");
  await persist(resolver, "polaris:oauth", principalOf(1));
  assertEquals(notified.length, 1, "writing the same values again is not a change");
});

test("persist() removes the old principal's other fields, and keeps members that the mapping does not have", async (directory) => {
  const path = `${directory}/${DOCUMENT}`;
  Deno.writeTextFileSync(path, JSON.stringify({ ...principalOf(1), principal: "old", note: { by: "an operator" } }));
  await persist(principalResolver(directory), "polaris:oauth", principalOf(2));
  assertEquals(read(path), { note: { by: "an operator" }, ...principalOf(2) });
});

test("persist() leaves only one form in a document, whichever form it had", async (directory) => {
  const path = `${directory}/${DOCUMENT}`;
  const theirs = {
    principal: { name: "old", properties: {} },
    credentials: { clientId: "id-1", clientSecret: "not-a-secret-1" },
  };
  Deno.writeTextFileSync(path, JSON.stringify(theirs));
  const resolver = principalResolver(directory);
  assertEquals((await resolver.resolve("polaris:oauth")).get("principal"), "old");
  await persist(resolver, "polaris:oauth", principalOf(2));
  assertEquals(read(path), { principal: { properties: {} }, ...principalOf(2) });
  await persist(resolver, "polaris:oauth", { ...principalOf(3), principal: "new" });
  assertEquals(read(path), { principal: "new", ...principalOf(3) });
  assertEquals((await resolver.resolve("polaris:oauth")).get("principal"), "new");
});

test("persist() creates a missing directory with mode 700, and the document with the mode of the chain", async (directory) => {
  const deep = `${directory}/state/bootstrap`;
  await persist(principalResolver(deep), "polaris:oauth", principalOf(1));
  assertEquals([modeOf(`${directory}/state`), modeOf(deep), modeOf(`${deep}/${DOCUMENT}`)], [0o700, 0o700, 0o600]);
  Deno.chmodSync(`${deep}/${DOCUMENT}`, 0o666);
  await persist(principalResolver(deep), "polaris:oauth", principalOf(2));
  assertEquals(modeOf(`${deep}/${DOCUMENT}`), 0o600, "the mode of the old file was kept");
  const group = Deno.statSync(deep).gid!;
  await persist(principalResolver(deep, {}, { mode: 0o640, group }), "polaris:oauth", principalOf(3));
  assertEquals([modeOf(`${deep}/${DOCUMENT}`), Deno.statSync(`${deep}/${DOCUMENT}`).gid], [0o640, group]);
});

test("persist() writes nothing if the values are not a whole credential", async (directory) => {
  const resolver = principalResolver(directory);
  const wrong: readonly [object, string, string][] = [
    [{}, "incomplete", "no field of the identity was given"],
    [{ client_id: "id" }, "incomplete", `only part of the identity is present: supply ${DOCUMENT}#client_secret`],
    [{ client_id: "id", client_secret: " " }, "incomplete", "only part of the identity is present"],
    [{ client_id: "id", client_secret: 7 }, "invalid", `${DOCUMENT}#client_secret is not text`],
    [{ client_id: "id", client_secret: 7n }, "invalid", `a value of ${DOCUMENT} cannot be written as JSON`],
    [
      { ...principalOf(1), s3cr3t: "id" },
      "invalid",
      "a value has a name that is not a field: the fields are client_id",
    ],
  ];
  for (const [values, code, reason] of wrong) {
    const error = await failure(() => persist(resolver, "polaris:oauth", values as never));
    assertEquals(error.code, code);
    assertStringIncludes(error.message, `Cannot persist "polaris:oauth": `);
    assertStringIncludes(error.message, reason);
    assertEquals(/s3cr3t|id-|not-a-secret/.test(error.message), false);
  }
  assertEquals([...Deno.readDirSync(directory)], []);
});

test("persist() writes nothing if a field is read with a template, which cannot be written", async (directory) => {
  const error = await failure(() => persist(principalResolver(directory), "polaris:rest", { credential: "a:b" }));
  assertEquals(
    error.message,
    'Cannot persist "polaris:rest": no store can hold it: "file" reads "credential" by ' +
      '{client_id}:{client_secret}, and a template cannot be written; "env" can only be read',
  );
  assertEquals([...Deno.readDirSync(directory)], []);
});

test("persist() does not overwrite a document that is not a JSON object, and names it with its directory in the error", async (directory) => {
  const path = `${directory}/${DOCUMENT}`;
  for (const text of ['{"client_id": ', "[1]", '"text"']) {
    Deno.writeTextFileSync(path, text);
    const error = await failure(() => persist(principalResolver(directory), "polaris:oauth", principalOf(1)));
    assertEquals([error.code, Deno.readTextFileSync(path)], ["invalid", text]);
    assertStringIncludes(error.message, path);
  }
  Deno.writeTextFileSync(path, "\n");
  await persist(principalResolver(directory), "polaris:oauth", principalOf(1));
  assertEquals(read(path), { ...principalOf(1) }, "a blank document was not replaced");
});

test("persist() writes a secret of any characters so that it is read back unchanged", async (directory) => {
  const resolver = principalResolver(directory);
  for (const secret of ['"quoted" \\ and $dollar', " kept blanks ", "line\nbreak", "😀 é", "{a}:{b}"]) {
    await persist(resolver, "polaris:oauth", { client_id: "id", client_secret: secret });
    assertEquals((await resolver.resolve("polaris:oauth")).get("client_secret"), secret);
  }
  for (const broken of ["nul\0", "\uFFFD"]) {
    const { code, message } = await failure(() =>
      persist(resolver, "polaris:oauth", { client_id: "id", client_secret: broken })
    );
    assertEquals([code, message.includes("is not valid UTF-8 text")], ["invalid", true]);
  }
  const large = await failure(() =>
    persist(resolver, "polaris:oauth", { client_id: "id", client_secret: "x".repeat(2 ** 20) })
  );
  assertEquals([large.code, large.message.includes("larger than 1024 KiB")], ["invalid", true]);
});

Deno.test("persist() warns if a higher store hides what was written", async () => {
  const events: unknown[] = [];
  const chain = defineChain({
    stores: { upper: memory({ priority: 2, values: { key: "old" } }), lower: memory({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { upper: { prefix: "" }, lower: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, { log: (event) => event.type === "walk" || events.push(event) });
  assertEquals(await persist(resolver, "a:b", { key: "new" }, { store: "lower" }), {
    key: "a:b",
    store: "lower",
    names: ["key"],
    shadowedBy: "upper",
  });
  assertEquals(events, [{
    type: "shadowed",
    key: "a:b",
    store: "upper",
    detail: 'it is asked before "lower", where the credential was written',
  }]);
  assertEquals(
    (await persist(resolver, "a:b", { key: "new" })).store,
    "upper",
    "expected the highest store that can be written to",
  );
  assertEquals((await resolver.resolve("a:b")).get("key"), "new");
  const unknown = await failure(() => persist(resolver, "a:b", { key: "new" }, { store: "vault" }));
  assertEquals(
    unknown.message,
    'Cannot persist "a:b": no store named "vault" maps it: it is mapped in upper, lower',
  );
});

Deno.test("persist() walks each credential once more, the written one first, also where a store stops the walk", async () => {
  const upper = scriptedStore({ shape: variables });
  const chain = defineChain({
    stores: {
      upper: upper.store({ priority: 2, recheck: 0 }),
      memory: memory({ priority: 1, values: { key: "old" } }),
    },
    credentials: {
      "a:first": { fields: { key: required() }, from: { memory: { prefix: "" } } },
      "a:written": { fields: { key: required() }, from: { upper: { prefix: "" }, memory: { prefix: "" } } },
      "a:unasked": { fields: { key: required() }, from: { memory: { prefix: "" } } },
    },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  await Promise.all([resolver.resolve("a:first"), resolver.resolve("a:written")]);
  await persist(resolver, "a:written", { key: "new" });
  assertEquals(host.events.filter(({ type }) => type === "changed").map(({ key }) => key), ["a:written", "a:first"]);
  assertEquals(host.events.filter(({ type }) => type === "walk").length, 4);
  assertEquals([upper.asked.length, resolver.peek("a:unasked")], [2, undefined]);
  upper.answer = denied("sealed");
  const { shadowedBy } = await persist(resolver, "a:written", { key: "newer" });
  assertEquals([shadowedBy, upper.asked.length], ["upper", 3]);
  assertEquals(host.events.filter(({ type }) => type === "stopped").length, 1);
});

Deno.test("persist() finishes writing to an installed store that is uninstalled meanwhile", async () => {
  const values = new Map<string, string | undefined>();
  let attempts = 0;
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: () => (name) => values.get(name),
    write: () => ({ after }) => {
      installed[Symbol.dispose]();
      if (attempts++ === 0) return false;
      for (const [name, value] of Object.entries(after)) values.set(name, value);
    },
  });
  const chain = defineChain({
    stores: { memory: memory({ priority: 1, values: { key: "below" } }) },
    credentials: { "a:b": { fields: { key: required() }, from: { memory: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, { random: () => 0 });
  const installed = resolver.install("own", own({ priority: 2 }), { "a:b": { prefix: "" } });
  assertEquals((await persist(resolver, "a:b", { key: "new" })).store, "own");
  assertEquals([attempts, values.get("key")], [2, "new"]);
  assertEquals((await resolver.resolve("a:b")).get("key"), "below");
});

Deno.test("persist() changes a memory() store for its own resolver only, and removes fields that are not given", async () => {
  const chain = defineChain({
    stores: { memory: memory({ priority: 1, values: { key: "old", hint: "old" } }) },
    credentials: { "a:b": { fields: { key: required(), hint: optional() }, from: { memory: { prefix: "" } } } },
  });
  const [mine, other] = [createResolver(chain), createResolver(chain)];
  await persist(mine, "a:b", { key: "new" });
  const [here, there] = [await mine.resolve("a:b"), await other.resolve("a:b")];
  assertEquals([here.get("key"), here.get("hint")], ["new", undefined]);
  assertEquals([there.get("key"), there.get("hint")], ["old", "old"]);
});

Deno.test("persist() writes to a user's own store, and tries again after a conflicting write", async () => {
  const vault = new Map<string, object>([["secret", { key: "old", kept: 1 }]]);
  let meanwhile = 2;
  const own = defineStore({
    kind: "vault",
    shape: document,
    open: () => (name) => Promise.resolve(vault.get(name)),
    write: () => async ({ name, before, after }) => {
      await Promise.resolve();
      if (meanwhile-- > 0) vault.set(name, { key: "theirs", kept: 5 - meanwhile });
      if (JSON.stringify(before.value) !== JSON.stringify(vault.get(name))) return false;
      vault.set(name, after);
    },
  });
  const chain = defineChain({
    stores: { vault: own({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { vault: "secret" } } },
  });
  const resolver = createResolver(chain);
  await persist(resolver, "a:b", { key: "new" });
  assertEquals(vault.get("secret"), { key: "new", kept: 5 });
  assertEquals((await resolver.resolve("a:b")).get("key"), "new");
});

Deno.test("persist() reports why a user's own store cannot be written to", async () => {
  const answers: [() => unknown, string][] = [
    [() => denied("needs key:write"), '"own" is denied: needs key:write'],
    [() => Promise.reject(unavailable("no connection")), '"own" is unavailable: no connection'],
    [() => {
      throw new Error("not-a-secret");
    }, '"own" is invalid: its write() threw: fix the store\'s code'],
    [() => new Promise(() => {}), '"own" is unavailable: no answer within its timeout of 20 ms'],
  ];
  for (const [write, message] of answers) {
    const own = defineStore({
      kind: "own",
      shape: variables,
      open: () => () => undefined,
      write: () => write as never,
    });
    const chain = defineChain({
      stores: { own: own({ priority: 1, timeout: 20 }) },
      credentials: { "a:b": { fields: { key: required() }, from: { own: { prefix: "" } } } },
    });
    const error = await failure(() => persist(createResolver(chain), "a:b", { key: "not-a-secret" }));
    assertEquals(error.message, `Cannot persist "a:b": ${message}`);
  }
});

Deno.test("persist() of a client renews the tokens that were obtained with it at once", async () => {
  const clock = testClock();
  const issued = defineStore({
    kind: "issuer",
    shape: token,
    needs: ["client"],
    open: () => async (_: unknown, { need }) => ({
      values: { token: `for ${(await need("client")).get("id")}` },
      expiresIn: 3600,
    }),
  });
  const chain = defineChain({
    stores: {
      issued: issued({ priority: 2, client: "m2m:client" }),
      memory: memory({ priority: 1, values: { id: "one" } }),
    },
    credentials: {
      "m2m:client": { fields: { id: required(), region: setting() }, from: { memory: { prefix: "" } } },
      "api:token": { fields: { token: required() }, from: { issued: true } },
    },
  });
  const resolver = createResolver(chain, { clock });
  const notified: string[] = [];
  resolver.onChange("api:token", (credential) => notified.push(credential.get("token")));
  assertEquals((await resolver.resolve("api:token")).get("token"), "for one");
  await persist(resolver, "m2m:client", { id: "two", region: "eu" });
  assertEquals(notified, ["for two"]);
  const error = await failure(() => persist(resolver, "api:token", { token: "x" }));
  assertStringIncludes(error.message, '"issued" obtains tokens and cannot be written to');
});

Deno.test("persist() reports that nothing can be written on a runtime without files, or on a host with read-only ones", async () => {
  const bare = await failure(() =>
    persist(principalResolver("/nowhere", { files: false }), "polaris:oauth", principalOf(1))
  );
  assertStringIncludes(bare.message, '"file" is off: this runtime lacks what it needs');
  const { info, realPath, text } = testHost().files as Files;
  const fake = await failure(() =>
    persist(principalResolver("/state", { files: { info, realPath, text } }), "polaris:oauth", principalOf(1))
  );
  assertStringIncludes(fake.message, '"file" reads the files of a host, which cannot be written');
});
