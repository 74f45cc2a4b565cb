import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createResolver, defineChain, memory, required } from "../../mod.ts";
import { neo4jAuth } from "../../src/clients/neo4j.ts";
import { testClock } from "../../src/testing/mod.ts";
import { query, withDriver } from "../support/fixtures/neo4j_driver.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { startBoltStandIn } from "../support/stand_ins/bolt.ts";

const UNAUTHORIZED = "Neo.ClientError.Security.Unauthorized";

/** Creates a resolver of a password that a test can rotate, with a `recheck` of one minute. */
function rotatableResolver(password = "fake-1") {
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

Deno.test("neo4jAuth() authenticates neo4j-driver", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  await withDriver(standIn.url, neo4jAuth(rotatableResolver().resolver, "neo4j:basic"), async (driver) => {
    assertEquals([await query(driver), await query(driver)], [1, 1]);
  });
  assertEquals(standIn.logons, ["reader:fake-1"]);
});

Deno.test("neo4jAuth() makes neo4j-driver follow a rotated password without a restart", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  const { clock, values, resolver } = rotatableResolver();
  await withDriver(standIn.url, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    assertEquals(await query(driver), 1);
    values.password = standIn.password = "fake-2";
    assertEquals(await query(driver), 1);
    await clock.advance(60_000);
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-2"]);
});

Deno.test("neo4jAuth() resolves the password again as soon as the server refuses it on an open connection", async () => {
  await using standIn = startBoltStandIn("reader", "fake-1");
  const { clock, values, resolver } = rotatableResolver();
  await withDriver(standIn.url, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    assertEquals(await query(driver), 1);
    values.password = "fake-typo";
    await clock.advance(60_000);
    await assertRejects(() => query(driver));
    values.password = "fake-1";
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-typo", "reader:fake-1"]);
});

Deno.test("neo4jAuth() leaves the refusal of a new connection to the caller, in an error without the password", async () => {
  await using standIn = startBoltStandIn("reader", "fake-2");
  const { values, resolver } = rotatableResolver();
  await withDriver(standIn.url, neo4jAuth(resolver, "neo4j:basic"), async (driver) => {
    const error = await assertRejects(() => query(driver));
    assertEquals((error as { code?: string }).code, UNAUTHORIZED);
    assertEquals(Deno.inspect(error, { depth: 10 }).includes("fake-1"), false);
    values.password = "fake-2";
    resolver.invalidate("neo4j:basic");
    assertEquals(await query(driver), 1);
  });
  assertEquals(standIn.logons, ["reader:fake-1", "reader:fake-2"]);
});

Deno.test("neo4jAuth() gives the same token until the credential changes", async () => {
  const { clock, values, resolver } = rotatableResolver();
  const auth = neo4jAuth(resolver, "neo4j:basic");
  const first = await auth.getToken();
  assertEquals(first, { scheme: "basic", principal: "reader", credentials: "fake-1" });
  values.password = "fake-2";
  assertStrictEquals(await auth.getToken(), first);
  await clock.advance(60_000);
  assertEquals((await auth.getToken()).credentials, "fake-2");
});

Deno.test("neo4jAuth() ignores a refusal that is not of the password, or of an older password", async () => {
  const { values, resolver } = rotatableResolver();
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

Deno.test("neo4jAuth() uses the caller's default if no store has a password, and otherwise reports the missing names", async () => {
  const { resolver } = rotatableResolver();
  const auth = neo4jAuth(resolver, "neo4j:none", { default: { user: "neo4j", password: "fake-default" } });
  assertEquals((await auth.getToken()).credentials, "fake-default");
  const error = await rejection(neo4jAuth(resolver, "neo4j:none").getToken());
  assertEquals([error.code, error.missing], ["not_found", ["none_user", "none_password"]]);
});
