import { assertEquals, assertRejects } from "@std/assert";
import neo4j from "npm:neo4j-driver@^6.3.0";
import { createResolver, defineChain, memory, optional, perCredential } from "../../mod.ts";
import { neo4jAuth } from "../../src/clients/neo4j.ts";
import { testClock } from "../../src/testing/mod.ts";
import { mintingResolver } from "../support/fixtures/minting_resolver.ts";
import { query, withDriver } from "../support/fixtures/neo4j_driver.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { runProgram } from "../support/programs/run_program.ts";
import { startBoltStandIn } from "../support/stand_ins/bolt.ts";

const UNAUTHORIZED = "Neo.ClientError.Security.Unauthorized";
const TOKEN_EXPIRED = "Neo.ClientError.Security.TokenExpired";

/** Creates a resolver of a user with a password, a token, or both, which are read again after one minute. */
function eitherResolver(values: Record<string, string>) {
  const clock = testClock();
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values, recheck: 60_000 }) },
    credentials: {
      "neo4j:either": {
        fields: { user: optional(), password: optional(), token: optional() },
        from: { memory: { prefix: "" } },
      },
    },
  });
  return { clock, resolver: createResolver(chain, { clock }) };
}

Deno.test("neo4jAuth() authenticates neo4j-driver with a bearer token, and follows its renewal without a restart", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  standIn.tokens.add("fake-token-1").add("fake-token-2");
  const { clock, resolver } = mintingResolver();
  const auth = neo4jAuth(resolver, "api:bearer");
  assertEquals(await auth.getToken(), neo4j.auth.bearer("fake-token-1"));
  await withDriver(standIn.url, auth, async (driver) => {
    assertEquals(await query(driver), 1);
    await clock.advance(3_600_000);
    assertEquals([await query(driver), await query(driver)], [1, 1]);
  });
  assertEquals(standIn.logons, ["Bearer fake-token-1", "Bearer fake-token-2"]);
});

Deno.test("neo4jAuth() gives the next query a new token after the server says that the old one expired", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  standIn.tokens.add("fake-token-1").add("fake-token-2");
  const { mint, resolver } = mintingResolver();
  await withDriver(standIn.url, neo4jAuth(resolver, "api:bearer"), async (driver) => {
    assertEquals(await query(driver), 1);
    standIn.expiredTokens.add("fake-token-1");
    const error = await assertRejects(() => query(driver)) as { code?: string; retryable?: boolean };
    assertEquals([error.code, error.retryable], [TOKEN_EXPIRED, true]);
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["Bearer fake-token-1", "Bearer fake-token-2"]);
  assertEquals(mint.asked.length, 2);
});

Deno.test("neo4jAuth() lets the driver retry a query whose token expired, where the driver knows its own errors", async () => {
  // Hint: the driver makes its errors by assigning __proto__, which Deno ignores unless told otherwise.
  const permissions = ["--allow-all", "--unsafe-proto"];
  const printed = await runProgram("expire_token.ts", [], { permissions });
  assertEquals(JSON.parse(printed), { results: [1, 1], logons: ["Bearer fake-token-1", "Bearer fake-token-2"] });
});

Deno.test("neo4jAuth() renews a token once for all connections that report it as expired", async () => {
  const { mint, resolver } = mintingResolver();
  const auth = neo4jAuth(resolver, "api:bearer");
  const old = await auth.getToken();
  for (let connection = 0; connection < 3; connection++) {
    assertEquals(auth.handleSecurityException({ ...old }, TOKEN_EXPIRED), true);
    await auth.getToken();
  }
  assertEquals([(await auth.getToken()).credentials, mint.asked.length], ["fake-token-2", 2]);
});

Deno.test("neo4jAuth() does not fail on a connection whose token the driver has forgotten", async () => {
  const { mint, resolver } = mintingResolver();
  const auth = neo4jAuth(resolver, "api:bearer");
  assertEquals(auth.handleSecurityException(null, TOKEN_EXPIRED), true);
  await auth.getToken();
  assertEquals(auth.handleSecurityException(null, UNAUTHORIZED), true);
  await auth.getToken();
  assertEquals(mint.asked.length, 1);
});

Deno.test("neo4jAuth() prefers a user with a password to a token, and names the fields if it has neither", async () => {
  const both = { user: "reader", password: "fake-1", token: "fake-token" };
  const { password: _, ...named } = both;
  const basic = neo4jAuth(eitherResolver(both).resolver, "neo4j:either");
  assertEquals(await basic.getToken(), { scheme: "basic", principal: "reader", credentials: "fake-1" });
  const bearer = neo4jAuth(eitherResolver(named).resolver, "neo4j:either");
  assertEquals(await bearer.getToken(), { scheme: "bearer", credentials: "fake-token" });
  const neither = await rejection(neo4jAuth(eitherResolver({ user: "reader" }).resolver, "neo4j:either").getToken());
  assertEquals(
    neither.message,
    'Cannot resolve "neo4j:either": "memory" gave no value for the field password or token',
  );
  assertEquals([neither.code, neither.missing], ["incomplete", ["password", "token"]]);
});

Deno.test("neo4jAuth() refuses another user on the same driver, and works again when the first one is back", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  const values = { user: "reader", password: "fake-1" };
  const { clock, resolver } = eitherResolver(values);
  const change = async (user: string, password: string) => {
    Object.assign(values, { user, password });
    await clock.advance(60_000);
  };
  await withDriver(standIn.url, neo4jAuth(resolver, "neo4j:either"), async (driver) => {
    assertEquals(await query(driver), 1);
    await change("writer", "fake-1");
    const error = await rejection(query(driver));
    assertEquals([error.name, error.code, error.key], ["CredentialError", "invalid", "neo4j:either"]);
    assertEquals(
      error.message,
      'Cannot resolve "neo4j:either": "memory" gave another user, and a driver keeps its first one: build drivers with ' +
        "perCredential",
    );
    assertEquals(Deno.inspect(error, { depth: 10 }).includes("writer"), false);
    standIn.password = "fake-2";
    await change("reader", "fake-2");
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-2"]);
});

Deno.test("neo4jAuth() refuses a change of the authentication scheme, and takes a new token of the first one", async () => {
  const values: Record<string, string> = { token: "fake-token-1" };
  const { clock, resolver } = eitherResolver(values);
  const auth = neo4jAuth(resolver, "neo4j:either");
  await auth.getToken();
  Object.assign(values, { user: "reader", password: "fake-1" });
  await clock.advance(60_000);
  assertEquals(
    (await rejection(auth.getToken())).message,
    'Cannot resolve "neo4j:either": "memory" gave another authentication scheme, and a driver keeps its first one: ' +
      "build drivers with perCredential",
  );
  delete values.password;
  values.token = "fake-token-2";
  await clock.advance(60_000);
  assertEquals(await auth.getToken(), { scheme: "bearer", credentials: "fake-token-2" });
});

Deno.test("perCredential() gives another user a driver of its own, as the error of neo4jAuth() says", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  await using other = startBoltStandIn("writer", "fake-2");
  const values = { user: "reader", password: "fake-1" };
  const { clock, resolver } = eitherResolver(values);
  const driver = perCredential(resolver, "neo4j:either", (credential) => {
    const [user, password] = [credential.get("user")!, credential.get("password")!];
    return neo4j.driver((user === "reader" ? standIn : other).url, neo4j.auth.basic(user, password));
  });
  const first = await driver();
  assertEquals(await query(first), 1);
  Object.assign(values, { user: "writer", password: "fake-2" });
  await clock.advance(60_000);
  const second = await driver();
  assertEquals(await query(second), 1);
  await Promise.all([first.close(), second.close()]);
  assertEquals([standIn.logons, other.logons], [["reader:fake-1"], ["writer:fake-2"]]);
});
