import { assertEquals, assertRejects } from "@std/assert";
import {
  createResolver,
  CredentialError,
  defineChain,
  defineStore,
  document,
  file,
  optional,
  required,
} from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { testInDirectory as test } from "../support/fixtures/directory.ts";

const FROM = { document: "token.txt", text: true, fields: { token: "" } } as const;

function resolverOf(directory: string) {
  return createResolver(defineChain({
    stores: { file: file({ priority: 1, directory }) },
    credentials: {
      "github:api": { fields: { token: required() }, from: { file: FROM } },
      "github:both": {
        fields: { token: required(), copy: optional() },
        from: { file: { ...FROM, fields: { token: "", copy: "" } } },
      },
      "github:parsed": { fields: { token: required() }, from: { file: "token.txt" } },
    },
  }));
}

test("persist() writes a plain text as it is, and it is read back whatever it looks like", async (directory) => {
  const resolver = resolverOf(directory);
  for (const token of ["obviously-fake", '{"other":"x"}', "two\nlines\n", "two\r\n", "ends\r", " padded "]) {
    const { names } = await persist(resolver, "github:api", { token });
    assertEquals(names, ["token.txt"]);
    assertEquals((await resolver.resolve("github:api")).get("token"), token);
    assertEquals((await resolverOf(directory).resolve("github:api")).get("token"), token);
  }
  await persist(resolver, "github:api", { token: "obviously-fake" });
  assertEquals(Deno.readTextFileSync(`${directory}/token.txt`), "obviously-fake");
  assertEquals(Deno.statSync(`${directory}/token.txt`).mode! & 0o777, 0o600);
});

test("ensure() mints a plain text once, and finds it then", async (directory) => {
  Deno.writeTextFileSync(`${directory}/token.txt`, "\n");
  let minted = 0;
  const mint = () => ({ token: `minted-${++minted}` });
  for (const _ of [1, 2]) {
    const credential = await ensure(resolverOf(directory), "github:api", mint);
    assertEquals(credential.get("token"), "minted-1");
  }
});

test("persist() of a plain text is seen by the credential that reads the same file parsed", async (directory) => {
  const resolver = resolverOf(directory);
  await persist(resolver, "github:parsed", { token: "one" });
  assertEquals((await resolver.resolve("github:parsed")).get("token"), "one");
  await persist(resolver, "github:api", { token: '{"token":"two"}' });
  assertEquals((await resolver.resolve("github:parsed")).get("token"), "two");
});

test("persist() of a plain text does not destroy the credential that reads the same file parsed", async (directory) => {
  const resolver = resolverOf(directory);
  await persist(resolver, "github:parsed", { token: "one" });
  const before = Deno.readTextFileSync(`${directory}/token.txt`);
  for (const token of ["obviously-fake", "{}", "null", "7", '{"other":"x"}']) {
    const { message } = await assertRejects(() => persist(resolver, "github:api", { token }), CredentialError);
    assertEquals(
      message,
      'Cannot persist "github:api": "github:parsed" is in token.txt too, and would not be read back: persist it instead',
    );
  }
  assertEquals(Deno.readTextFileSync(`${directory}/token.txt`), before);
  assertEquals((await resolver.resolve("github:parsed")).get("token"), "one");
});

test("persist() writes nothing that would not be read back as plain text", async (directory) => {
  const resolver = resolverOf(directory);
  const refused: readonly (readonly [string, object, string])[] = [
    ["github:api", { token: 7 }, '"file" is invalid: token.txt is not text'],
    ["github:api", { token: "a\0b" }, "token.txt is not valid UTF-8 text"],
    ["github:api", { token: "\uFEFFx" }, "token.txt cannot begin with a byte order mark, which readers drop"],
    ["github:api", { tocen: "x" }, '"file" reads no other names'],
    ["github:both", { token: "x", copy: "y" }, "token.txt would not be read back as it was given"],
  ];
  for (const [key, values, reason] of refused) {
    const { message, code } = await assertRejects(
      () => persist(resolver, key as never, values as never),
      CredentialError,
    );
    assertEquals([code, message.includes(reason)], ["invalid", true], message);
  }
  assertEquals([...Deno.readDirSync(directory)].length, 0);
});

Deno.test("persist() says that a store of its own can be written only JSON documents", async () => {
  let written = 0;
  const own = defineStore({
    kind: "own",
    shape: document,
    text: true,
    open: () => () => undefined,
    write: () => () => void written++,
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "github:api": { fields: { token: required() }, from: { own: FROM } } },
  });
  const { message } = await assertRejects(
    () => persist(createResolver(chain), "github:api", { token: "x" }),
    CredentialError,
  );
  assertEquals(
    message,
    'Cannot persist "github:api": no store can hold it: "own" writes JSON documents only, and token.txt is plain text',
  );
  assertEquals(written, 0);
});
