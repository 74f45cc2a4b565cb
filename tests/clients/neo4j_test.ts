import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import neo4j, { type AuthTokenManager, type Driver } from "npm:neo4j-driver@^6.3.0";
import { createResolver, defineChain, memory, required } from "../../mod.ts";
import { neo4jAuth } from "../../src/clients/neo4j.ts";
import { testClock } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { type BoltStandIn, startBoltStandIn } from "../support/stand_ins/bolt.ts";

const UNAUTHORIZED = "Neo.ClientError.Security.Unauthorized";

/** A password that a test can rotate, and that is looked at again after a minute, or when it was refused. */
function onChain(password = "fake-1") {
  const clock = testClock();
  const values: Record<string, string> = { user: "reader", password };
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values, recheck: 60_000 }) },
    credentials: {
      "neo4j:basic": { fields: { user: required(), password: required() }, from: { memory: { prefix: "" } } },
      "neo4j:none": { fields: { user: required(), password: required() }, from: { memory: { prefix: "none_" } } },
    },
  });
  return { clock, values, resolver: createResolver(chain, { clock }) };
}

async function withDriver(standIn: BoltStandIn, auth: AuthTokenManager, use: (driver: Driver) => Promise<void>) {
  const driver = neo4j.driver(standIn.url, auth, { maxTransactionRetryTime: 5_000 });
  try {
    await use(driver);
  } finally {
    await driver.close();
  }
}

async function query(driver: Driver): Promise<number> {
  return (await driver.executeQuery("RETURN 1 AS one")).records[0]?.get("one").toNumber();
}

Deno.test("neo4jAuth() lets neo4j-driver log on", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  await withDriver(standIn, neo4jAuth(onChain().resolver, "neo4j:basic"), async (driver) => {
    assertEquals([await query(driver), await query(driver)], [1, 1]);
  });
  assertEquals(standIn.logons, ["reader:fake-1"]);
});

Deno.test("neo4jAuth() has neo4j-driver take a rotated password without a restart", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  const { clock, values, resolver } = onChain();
  await withDriver(standIn, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    assertEquals(await query(driver), 1);
    values.password = standIn.password = "fake-2";
    assertEquals(await query(driver), 1);
    await clock.advance(60_000);
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-2"]);
});

Deno.test("neo4jAuth() looks for another password at once where the server refuses it on an open connection", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  const { clock, values, resolver } = onChain();
  await withDriver(standIn, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    assertEquals(await query(driver), 1);
    values.password = "fake-typo";
    await clock.advance(60_000);
    await assertRejects(() => query(driver));
    values.password = "fake-1";
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-typo", "reader:fake-1"]);
});

Deno.test("neo4jAuth() leaves the refusal of a new connection to its caller, without the password", async () => {
  await using standIn = startBoltStandIn("reader", "fake-2");
  const { values, resolver } = onChain();
  await withDriver(standIn, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    const error = await assertRejects(() => query(driver));
    assertEquals((error as { code?: string }).code, UNAUTHORIZED);
    assertEquals(Deno.inspect(error, { depth: 10 }).includes("fake-1"), false);
    values.password = "fake-2";
    resolver.invalidate("neo4j:basic");
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-2"]);
});

Deno.test("neo4jAuth() gives the same token until there is another", async () => {
  const { clock, values, resolver } = onChain();
  const auth = neo4jAuth(resolver, "neo4j:basic");
  const first = await auth.getToken();
  assertEquals(first, { scheme: "basic", principal: "reader", credentials: "fake-1" });
  values.password = "fake-2";
  assertStrictEquals(await auth.getToken(), first);
  await clock.advance(60_000);
  assertEquals((await auth.getToken()).credentials, "fake-2");
});

Deno.test("neo4jAuth() has nothing asked anew for a refusal that is not of the password, or of an older one", async () => {
  const { values, resolver } = onChain();
  const auth = neo4jAuth(resolver, "neo4j:basic");
  const old = await auth.getToken();
  values.password = "fake-2";
  assertEquals(auth.handleSecurityException(old, "Neo.ClientError.Security.Forbidden"), false);
  assertStrictEquals(await auth.getToken(), old);
  assertEquals(auth.handleSecurityException(old, UNAUTHORIZED), true);
  const current = await auth.getToken();
  values.password = "fake-3";
  assertEquals(auth.handleSecurityException(old, UNAUTHORIZED), true);
  assertStrictEquals(await auth.getToken(), current);
});

Deno.test("neo4jAuth() takes the caller's default where nobody has a password, and says what is missing where there is none", async () => {
  const { resolver } = onChain();
  const auth = neo4jAuth(resolver, "neo4j:none", { default: { user: "neo4j", password: "fake-default" } });
  assertEquals((await auth.getToken()).credentials, "fake-default");
  const error = await rejection(neo4jAuth(resolver, "neo4j:none").getToken());
  assertEquals([error.code, error.missing], ["not_found", ["none_user", "none_password"]]);
});
