import { assert, assertEquals } from "@std/assert";
import { getEventListeners } from "node:events";
import { CredentialError } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { testClock } from "../../src/testing/mod.ts";
import { DOCUMENT, type Principal, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { testInDirectory as test } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const failing: readonly (() => Promise<void>)[] = [
  () => Promise.reject(new Error("cannot revoke")),
  () => {
    throw new Error("cannot revoke");
  },
];

test("ensure() gives the credential that is there although what it minted in vain cannot be revoked", async (directory) => {
  for (const onOrphan of failing) {
    const credential = await ensure(principalResolver(directory), "polaris:oauth", async () => {
      await persist(principalResolver(directory), "polaris:oauth", principalOf("theirs"));
      return principalOf(1);
    }, { onOrphan });
    assertEquals(credential.get("client_id"), "id-theirs");
    Deno.removeSync(`${directory}/${DOCUMENT}`);
  }
});

test("ensure() tells why what it minted is of no use, also where that cannot be revoked", async (directory) => {
  for (const onOrphan of failing) {
    const mint = () => ({ client_id: "id" }) as Principal;
    const failed = await ensure(principalResolver(directory), "polaris:oauth", mint, { onOrphan }).catch((e) => e);
    assert(failed instanceof CredentialError, String(failed));
    assertEquals(failed.code, "incomplete");
  }
});

test("ensure() and persist() refuse what is not an object of values, and there is nothing to revoke", async (directory) => {
  const expected = "the values are not an object: the fields are client_id, client_secret and principal";
  const orphans: unknown[] = [];
  const onOrphan = (values: unknown) => void orphans.push(values);
  for (
    const values of [undefined, null, "not-a-secret", 7, true, ["not-a-secret"], () => {}] as unknown as Principal[]
  ) {
    const resolver = principalResolver(directory);
    const ensured = await rejection(ensure(resolver, "polaris:oauth", () => values, { onOrphan }));
    const persisted = await rejection(persist(resolver, "polaris:oauth", values));
    assertEquals([ensured.code, ensured.message], ["invalid", `Cannot ensure "polaris:oauth": ${expected}`]);
    assertEquals([persisted.code, persisted.message], ["invalid", `Cannot persist "polaris:oauth": ${expected}`]);
  }
  assertEquals(orphans.filter((each) => each === undefined || each === null), []);
  assertEquals([...Deno.readDirSync(directory)], []);
});

test("callers of ensure() that share a signal share one listener on it", async (directory) => {
  const clock = testClock();
  const ending = new AbortController();
  let release = (_: Principal) => {};
  const slow = new Promise<Principal>((resolve) => release = resolve);
  const resolver = principalResolver(directory, { clock });
  const { signal } = ending;
  const calls = Array.from({ length: 30 }, () => ensure(resolver, "polaris:oauth", () => slow, { signal }));
  for (let turn = 0; turn < 3; turn++) await clock.advance(100);
  assertEquals(getEventListeners(signal, "abort").length, 1);
  ending.abort(new Error("enough"));
  const ended = await Promise.allSettled(calls.slice(1));
  assertEquals(new Set(ended.map((each) => each.status === "rejected" && each.reason.message)), new Set(["enough"]));
  release(principalOf(1));
  assertEquals((await calls[0]!).get("client_id"), "id-1");
  assertEquals([getEventListeners(signal, "abort").length, clock.timers], [0, 0]);
});
