import { assertEquals, assertStrictEquals } from "@std/assert";
import { createResolver, defineChain, memory, required, setting } from "../../mod.ts";
import { dotenv } from "../../src/stores/dotenv.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

// The file that Neo4j Aura offers for download with a new database; the values are fake.
const AURA =
  `# Wait 60 seconds before connecting using these details, or login to https://console.neo4j.io to validate the Aura Instance is available
NEO4J_URI=neo4j+s://0a1b2c3d.databases.neo4j.io
NEO4J_USERNAME=neo4j
NEO4J_PASSWORD=not-a-secret-8sW0_pX
NEO4J_DATABASE=neo4j
AURA_INSTANCEID=0a1b2c3d
AURA_INSTANCENAME=Instance01
`;

async function valueOf(line: string, name = "A"): Promise<string | undefined> {
  const stores = { dotenv: dotenv({ priority: 1, path: ".env" }) };
  const files = { ".env": `${line}\n` };
  const { resolver } = smallChain(stores, { dotenv: { fields: { user: name } } }, { files });
  return (await resolver.find("db:basic"))?.get("user");
}

Deno.test("a credentials file of Neo4j Aura is read as it was downloaded", async () => {
  const chain = defineChain({
    stores: { aura: dotenv({ priority: 1, path: "Neo4j-0a1b2c3d-Created-2026-01-01.txt" }) },
    credentials: {
      "neo4j:basic": {
        fields: { user: required(), password: required(), uri: setting() },
        from: { aura: { prefix: "NEO4J_", fields: { user: "NEO4J_USERNAME" } } },
      },
    },
  });
  const host = testHost({ files: { "Neo4j-0a1b2c3d-Created-2026-01-01.txt": AURA } });
  const credential = await createResolver(chain, host).resolve("neo4j:basic");
  assertEquals([credential.get("user"), credential.get("password"), credential.get("uri")], [
    "neo4j",
    "not-a-secret-8sW0_pX",
    "neo4j+s://0a1b2c3d.databases.neo4j.io",
  ]);
});

Deno.test("a dollar sign in a secret is never expanded, however the value is quoted", async () => {
  for (const value of ["pa$word", "$A", "${A}", "${A:-b}", "$$", "a$", "$(id)", "\\$A", "$A$A"]) {
    assertEquals(await valueOf(`A=${value}`), value);
    assertEquals(await valueOf(`A='${value}'`), value);
  }
  for (const value of ["pa$word", "$A", "${A}", "$$", "a$"]) assertEquals(await valueOf(`A="${value}"`), value);
});

Deno.test("a secret may contain the characters that stand in for a dollar sign during parsing", async () => {
  assertEquals(await valueOf("A='\uE000$\uE001'"), "\uE000$\uE001");
});

Deno.test("quotes, comments, export and line breaks are parsed as dotenv does", async () => {
  assertEquals(await valueOf("# a comment\n\nexport A=b"), "b");
  assertEquals(await valueOf("A='b # c'"), "b # c");
  assertEquals(await valueOf("A=b\r\nB=c\r"), "b");
  assertEquals(await valueOf("\uFEFFA=b"), "b");
  assertEquals(await valueOf("A="), undefined);
  assertEquals(await valueOf("B=b"), undefined);
  assertEquals(await valueOf("A=b", "constructor"), undefined);
});

Deno.test("the file is read once for a credential, so that its fields are from one version", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: ".env" }) };
  const { chain, host } = smallChain(stores, { dotenv: { prefix: "DB_" } }, {
    fields: LOGIN,
    files: { ".env": "DB_USER=one\nDB_PASSWORD=one\n" },
  });
  let read = 0;
  const files = host.files || undefined;
  const counting = {
    ...files!,
    text: (path: string) => {
      read++;
      const text = files!.text(path);
      host.disk[".env"] = "DB_USER=two\nDB_PASSWORD=two\n";
      return text;
    },
  };
  const credential = await createResolver(chain, { ...host, files: counting }).resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password"), read], ["one", "one", 1]);
});

Deno.test("a path that is a directory is invalid, and a missing file is a miss", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: "/etc/app/.env" }) };
  const files = { "/etc/app/.env/inside": "" };
  const { chain, resolver } = smallChain(stores, { dotenv: { prefix: "DB_" } }, { files });
  const { code, trace } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], ["invalid", ".env is not a regular file"]);
  assertEquals(await createResolver(chain, testHost()).find("db:basic"), undefined);
});

Deno.test("a dotenv file that is gone or blank for a moment does not lead to the seed", async () => {
  for (const gone of [undefined, ""]) {
    const stores = { dotenv: dotenv({ priority: 2, path: "run/.env" }), memory: memory({ priority: 1, values: SEED }) };
    const from = { dotenv: { prefix: "DB_" }, memory: { prefix: "" } };
    const { host, resolver } = smallChain(stores, from, { fields: LOGIN, files: { "run/.env": DATABASE } });
    const first = await resolver.resolve("db:basic");
    host.disk["run/.env"] = gone;
    await host.clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await host.clock.advance(10);
    host.disk["run/.env"] = DATABASE;
    await host.clock.advance(40);
    assertStrictEquals(await pending, first);
  }
});

const SEED = { user: "seed", password: "seed" };
const DATABASE = "DB_USER=u\nDB_PASSWORD=p\n";

Deno.test("a dotenv file may be given as a file URL, and a directory that does not exist is named", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: new URL("file:///a%20b/.env") }) };
  const there = smallChain(stores, { dotenv: { prefix: "DB_" } }, { files: { "/a b/.env": DATABASE } });
  assertEquals((await there.resolver.resolve("db:basic")).get("user"), "u");
  const { code, trace } = await rejection(
    smallChain(stores, { dotenv: { prefix: "DB_" } }).resolver.resolve("db:basic"),
  );
  assertEquals([code, trace[0]?.detail], ["not_found", "the directory /a b does not exist"]);
});
