import { assert, assertEquals, assertRejects } from "@std/assert";
import neo4j from "npm:neo4j-driver@^6.3.0";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { neo4jAuth } from "../../src/clients/neo4j.ts";
import { mintingResolver } from "../support/fixtures/minting_resolver.ts";
import { query } from "../support/fixtures/neo4j_driver.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { startNeo4j } from "../support/servers/neo4j.ts";
import { ends } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

serverTest(
  "neo4jAuth() follows a rotation at a real Neo4j without a restart, through the shipped chain",
  ["neo4j"],
  async (t) => {
    await using database = await startNeo4j("fake-password-1");
    const directory = await Deno.makeTempDir();
    const write = (password: string, user: string = database.user) =>
      Deno.writeTextFile(`${directory}/neo4j-credentials.json`, JSON.stringify({ user, password }));
    await write("fake-password-1");
    const resolver = createResolver(chain, { env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory } });
    // Hint: Neo4j locks a user out for seconds after three refusals in a row, so the test must not just retry.
    const rotate = async (password: string, user: string = database.user) => {
      await write(password, user);
      const end = Date.now() + 30_000;
      for (;;) {
        const credential = await resolver.resolve("neo4j:basic");
        if (credential.get("password") === password && credential.get("user") === user) return;
        assert(Date.now() < end);
      }
    };
    const driver = neo4j.driver(database.url, neo4jAuth(resolver, "neo4j:basic"));
    try {
      await t.step("the driver logs on", async () => {
        assertEquals(await query(driver), 1);
      });
      await t.step(
        "an open connection stays usable while the password is rotated, and logs on again with the new one",
        async () => {
          await database.rotate("fake-password-1", "fake-password-2");
          assertEquals(await query(driver), 1);
          await rotate("fake-password-2");
          assertEquals(await query(driver), 1);
        },
      );
      await t.step("new connections use the new password", async () => {
        assertEquals(await Promise.all(Array.from({ length: 20 }, () => query(driver))), Array(20).fill(1));
      });
      await t.step(
        "after a wrong password is refused on an open connection, the right one is used at once",
        async () => {
          await rotate("fake-typo");
          await assertRejects(() => query(driver));
          await write("fake-password-2");
          assertEquals(await query(driver), 1);
        },
      );
      await t.step(
        "a new connection fails with the refusal, and the next one after the rotation succeeds",
        async () => {
          const other = neo4j.driver(database.url, neo4jAuth(resolver, "neo4j:basic"));
          await database.rotate("fake-password-2", "fake-password-3");
          const error = await assertRejects(() => query(other));
          assertEquals((error as { code?: string }).code, "Neo.ClientError.Security.Unauthorized");
          await rotate("fake-password-3");
          assertEquals(await query(other), 1);
          await other.close();
        },
      );
      await t.step(
        "another user on the same driver is refused, and the first one works again when it is back",
        async () => {
          await rotate("fake-password-3", "another");
          const error = await rejection(query(driver));
          assertEquals([error.name, error.code], ["CredentialError", "invalid"]);
          await rotate("fake-password-3");
          assertEquals(await query(driver), 1);
        },
      );
      await t.step("a bearer token is refused by the Community Edition, in an error without the token", async () => {
        const { resolver, mint } = mintingResolver();
        const bearer = neo4j.driver(database.url, neo4jAuth(resolver, "api:bearer"));
        const error = await assertRejects(() => query(bearer));
        assertEquals((error as { code?: string }).code, "Neo.ClientError.Security.Unauthorized");
        assertEquals(Deno.inspect(error, { depth: 10 }).includes("fake-token"), false);
        assertEquals(mint.asked.length, 1);
        await bearer.close();
      });
      await t.step("startNeo4j() leaves no process behind", async () => {
        await driver.close();
        await database.stop();
        assertEquals(await ends(database.javaPid), true);
      });
    } finally {
      await driver.close();
      await Deno.remove(directory, { recursive: true });
    }
  },
);
