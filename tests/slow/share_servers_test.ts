import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startPostgres } from "../support/servers/postgres.ts";
import { ends } from "../support/servers/processes.ts";
import { startRedis } from "../support/servers/redis.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

/** Says whether a promise is settled within a while. */
async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const first = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return first;
}

serverTest("a Redis can be paused, killed, and started again on its port without what it had", ["redis"], async () => {
  const redis = await startRedis();
  await redis.setUser("fleet", "fake-password", "~a:*", "+get");
  assertStringIncludes(await redis.cli("ACL", "LIST"), "user fleet on");
  await redis.cli("SET", "a:b", "c");
  assertStringIncludes((await assertRejects(() => redis.cli("NONE"), Error)).message, "unknown command");
  redis.pause();
  const paused = redis.cli("GET", "a:b");
  assertEquals(await settles(paused, 200), false);
  redis.resume();
  assertEquals(await paused, "c");
  const { pid } = redis;
  await redis.kill();
  assertEquals(await ends(pid), true);
  await assertRejects(() => redis.cli("PING"), Error, "Connection refused");
  await redis.start();
  assertEquals(await redis.cli("GET", "a:b"), "");
  await redis[Symbol.asyncDispose]();
  assertEquals(await ends(redis.pid), true);
});

serverTest(
  "a PostgreSQL can be paused, killed, and started again on its port with its rows",
  ["postgres"],
  async () => {
    const postgres = await startPostgres();
    await postgres.sql("CREATE TABLE a (b text); INSERT INTO a VALUES ('c')");
    await postgres.setRole("fleet", "fake-password");
    await postgres.setRole("fleet", "fake-password-2");
    await assertRejects(() => postgres.sql("SELECT none"), Error, "does not exist");
    await postgres.pause();
    const paused = postgres.sql("SELECT * FROM a");
    assertEquals(await settles(paused, 200), false);
    await postgres.resume();
    assertEquals(await paused, "c");
    const { pid } = postgres;
    await postgres.kill();
    assertEquals(await ends(pid), true);
    await assertRejects(() => postgres.sql("SELECT 1"), Error, "refused");
    await postgres.start();
    assertEquals(await postgres.sql("SELECT * FROM a"), "c");
    await postgres[Symbol.asyncDispose]();
    assertEquals(await ends(postgres.pid), true);
  },
);
