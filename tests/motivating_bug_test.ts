import { assert, assertEquals } from "@std/assert";
import chain from "../chain.config.ts";
import { createResolver, perCredential } from "../mod.ts";
import { testClock } from "../src/testing/mod.ts";
import { makeDirectory } from "./support/fixtures/directory.ts";
import { OwnTime } from "./support/fixtures/own_time.ts";
import { rejection } from "./support/fixtures/rejection.ts";
import { runProgram } from "./support/programs/run_program.ts";

const FLAT = { client_id: "runtime-id", client_secret: "runtime-secret", principal: "alphaswarm_runtime" };
const POLARIS = {
  principal: { name: "alphaswarm_runtime", properties: {}, entityVersion: 1 },
  credentials: { clientId: "runtime-id", clientSecret: "runtime-secret" },
};

/** The environment variables of the static seed, which every client kept using. */
function seedOf(directory: string): Record<string, string> {
  return {
    ALPHASWARM_BOOTSTRAP_STATE_DIR: directory,
    ALPHASWARM_POLARIS_CLIENT_ID: "root",
    ALPHASWARM_POLARIS_CLIENT_SECRET: "s3cr3t",
    ALPHASWARM_ICEBERG_REST_CREDENTIAL: "root:s3cr3t",
  };
}

function bootstrap(directory: string, principal: unknown): Promise<string> {
  const path = `${directory}/polaris-principal.json`;
  const text = typeof principal === "string" ? principal : JSON.stringify(principal);
  return runProgram("write_document.ts", [path, text], {
    permissions: [`--allow-write=${directory}`, `--allow-read=${directory}`],
  });
}

for (const [form, principal] of [["our own form", FLAT], ["Polaris's own answer", POLARIS]] as const) {
  Deno.test(`a principal that another process mints, in ${form}, replaces the seed within a second`, async () => {
    const { path, remove } = makeDirectory();
    const resolver = createResolver(chain, { env: seedOf(path) });
    const built: string[] = [];
    const client = perCredential(resolver, "polaris:oauth", (credential) => {
      built.push(credential.get("client_id"));
      return credential;
    });
    const seed = await client();
    assertEquals([seed.source, seed.get("client_id"), seed.get("client_secret")], ["env", "root", "s3cr3t"]);
    assertEquals((await resolver.resolve("polaris:rest")).get("credential"), "root:s3cr3t");

    await bootstrap(path, principal);
    using time = new OwnTime();
    let now = await client();
    for (; now.source !== "file" && time.ms < 5_000; now = await client()) {
      assertEquals([now.get("client_id"), now.get("client_secret")], ["root", "s3cr3t"]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert(time.ms < 2_000, "the seed is still in use after two seconds");
    assertEquals(now.fields.map((name) => [now.get(name as "client_id"), now.sourceOf(name as "client_id")]), [
      ["runtime-id", "file"],
      ["runtime-secret", "file"],
      ["alphaswarm_runtime", "file"],
    ]);
    for (let again = 0; again < 100; again++) await client();
    assertEquals(built, ["root", "runtime-id"]);
    // Hint: it was resolved later than the other credential, so its recheck is due later.
    let rest = await resolver.resolve("polaris:rest");
    for (
      ;
      rest.source !== "file" && time.ms < 5_000;
      rest = await resolver.resolve("polaris:rest")
    ) {
      assertEquals(rest.get("credential"), "root:s3cr3t");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals([rest.source, rest.get("credential"), rest.get("token")], [
      "file",
      "runtime-id:runtime-secret",
      undefined,
    ]);
    remove();
  });
}

const INCOMPLETE = [
  ["without its secret", { client_id: "runtime-id" }],
  ["with a blank secret", { client_id: "runtime-id", client_secret: "  " }],
  ["in Polaris's own form without its secret", { principal: { name: "n" }, credentials: { clientId: "runtime-id" } }],
] as const;

for (const [what, principal] of INCOMPLETE) {
  Deno.test(`a principal file ${what} stops the walk, and the seed of root is never used`, async () => {
    const { path, remove } = makeDirectory();
    await bootstrap(path, principal);
    for (const key of ["polaris:oauth", "polaris:rest", "iceberg:rest"] as const) {
      const resolver = createResolver(chain, { env: seedOf(path) });
      const error = await rejection(resolver.resolve(key));
      assertEquals([error.code, error.trace.at(-1)?.store, error.trace.at(-1)?.role], [
        "incomplete",
        "file",
        "stopped",
      ]);
      assert(error.missing.some((name) => /secret/i.test(name)), error.message);
      assert(!error.message.includes("runtime-id"), error.message);
    }
    remove();
  });
}

Deno.test("a truncated principal file stops the walk, and the seed of root is never used", async () => {
  const { path, remove } = makeDirectory();
  const resolver = createResolver(chain, { env: seedOf(path) });
  assertEquals((await resolver.resolve("polaris:oauth")).get("client_id"), "root");
  await bootstrap(path, JSON.stringify(FLAT).slice(0, 40));
  resolver.invalidate("polaris:oauth");
  const { code, message } = await rejection(resolver.resolve("polaris:oauth"));
  assertEquals(code, "invalid");
  assert(message.includes("polaris-principal.json:1:41 is not valid JSON"), message);
  remove();
});

Deno.test("the id and the secret from a principal file with both forms are from the same form", async () => {
  const { path, remove } = makeDirectory();
  const other = { ...POLARIS, credentials: { clientId: "other-id", clientSecret: "other-secret" } };
  await bootstrap(path, { ...other, ...FLAT });
  const resolver = createResolver(chain, { env: seedOf(path) });
  const oauth = await resolver.resolve("polaris:oauth");
  assertEquals([oauth.get("client_id"), oauth.get("client_secret")], ["runtime-id", "runtime-secret"]);
  assertEquals((await resolver.resolve("polaris:rest")).get("credential"), "runtime-id:runtime-secret");
  remove();
});

Deno.test("a later rotation by another process is noticed too, and other credentials do not change", async () => {
  const { path, remove } = makeDirectory();
  const clock = testClock();
  const env = { ...seedOf(path), ALPHASWARM_NEO4J_USER: "neo4j", ALPHASWARM_NEO4J_PASSWORD: "not-a-secret" };
  const resolver = createResolver(chain, { env, clock });
  await bootstrap(path, FLAT);
  const changes: string[] = [];
  using _polaris = resolver.onChange("polaris:oauth", (credential) => changes.push(credential.get("client_secret")));
  using _neo4j = resolver.onChange("neo4j:basic", () => changes.push("neo4j"));
  const [first, neo4j] = await Promise.all([resolver.resolve("polaris:oauth"), resolver.resolve("neo4j:basic")]);
  await bootstrap(path, { ...FLAT, client_secret: "rotated" });
  await clock.advance(1_000);
  assertEquals((await resolver.resolve("polaris:oauth")).get("client_secret"), "rotated");
  assertEquals(first.get("client_secret"), "runtime-secret");
  assertEquals(await resolver.resolve("neo4j:basic"), neo4j);
  assertEquals(changes, ["rotated"]);
  remove();
});

Deno.test("a secret is never sent to a URL from a store that its destination does not name", async () => {
  const { path, remove } = makeDirectory();
  await bootstrap(path, { ...FLAT, oauth2_server_uri: "https://elsewhere.example/token" });
  const env = { ...seedOf(path), ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI: "https://polaris.example/token" };
  const rest = await createResolver(chain, { env }).resolve("polaris:rest");
  assertEquals([rest.source, rest.get("oauth2_server_uri"), rest.sourceOf("oauth2_server_uri")], [
    "file",
    "https://polaris.example/token",
    "env",
  ]);
  remove();
});
