import { assert, assertEquals, assertLess } from "@std/assert";
import { denied } from "../../mod.ts";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";

const SECOND = 1_000;
/** Two seconds for the store, two for the lease and half of one. */
const BOUND = 4.5 * SECOND;
const LEASE = 2 * SECOND;
const OPTIONS = { share: { timeout: 20 * SECOND }, store: { timeout: 2 * SECOND } };

/** Returns what a machine gets, and how long that took. */
async function timed(fleet: Fleet, machine: Machine): Promise<readonly [got: string, took: number]> {
  const before = fleet.clock.now();
  const [got] = await fleet.tokens([machine]);
  return [got!, fleet.clock.now() - before];
}

Deno.test("nobody waits longer than the bound for an engine that may take longer, besides asking the server and writing the result", async () => {
  for (const there of [200, 700, 1_300, 2_100, 4_400, 9_000, Infinity]) {
    const fleet = new Fleet();
    const [owner, waiting] = fleet.add(2, OPTIONS);
    fleet.delay = 1_900;
    fleet.answer = () => denied("HTTP 403");
    fleet.register.fault = ({ machine }) => machine === waiting!.name ? { there, back: 10 } : undefined;
    owner!.token().catch(() => {});
    await fleet.pass(100);
    const [, took] = await timed(fleet, waiting!);
    assertLess(took, BOUND + fleet.delay + 2 * LEASE + 50, `${there} ms`);
  }
});

Deno.test("taking the lease of a slow engine counts for the bound, too", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, OPTIONS);
  fleet.register.fault = ({ op }) => op === "swap" ? { there: 1_500 } : undefined;
  fleet.open = (name) => {
    const register = fleet.register.open(name);
    return { ...register, swap: (entry, _, text, ttl) => register.swap(entry, "another", text, ttl) };
  };
  const [got, took] = await timed(fleet, machine!);
  assertEquals(got, "token-1");
  assertLess(took, BOUND + fleet.delay + 50);
});

Deno.test("a machine that waited as long as it may for those that are alive fails, and does not ask the server itself", async () => {
  const fleet = new Fleet();
  const [waiting, ...owners] = fleet.add(5, OPTIONS);
  fleet.delay = 1_900;
  fleet.answer = () => denied("HTTP 403");
  for (const owner of owners) owner.token().catch(() => {});
  await fleet.pass(100);
  fleet.register.fault = ({ machine }) => machine === waiting!.name ? { there: 1_090, back: 10 } : undefined;
  const [got, took] = await timed(fleet, waiting!);
  assertEquals(got, "unavailable");
  assert(took > BOUND - 50 && took < BOUND + 50, `${took} ms`);
  assertEquals(fleet.requests.filter(({ machine }) => machine === waiting!.name), []);
});

Deno.test("what a machine obtained by a slow engine is written however long it had waited before, and shows life meanwhile", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2, OPTIONS);
  fleet.delay = 1_900;
  fleet.register.fault = ({ machine, op }) =>
    machine === owner!.name ? { there: op === "get" ? 3_000 : 1_200, back: 10 } : undefined;
  const [got] = await timed(fleet, owner!);
  assertEquals(got, "token-1");
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
});

Deno.test("an engine that is slow for one caller is not taken for one that is away, and one that hangs is", async () => {
  const stateOf = ({ resolver }: Machine) =>
    resolver.describe().stores.find(({ name }) => name === "m2m")!.share!.state;
  const fleet = new Fleet();
  const [owner, slow, hanging] = fleet.add(3, OPTIONS);
  fleet.delay = 1_900;
  const first = owner!.token();
  await fleet.pass(100);
  let calls = 0;
  fleet.register.fault = ({ machine }) => {
    if (machine === slow!.name) return { there: calls++ ? 4_000 : 1_000 };
    return machine === hanging!.name ? { there: Infinity } : undefined;
  };
  await until(fleet.clock, Promise.all([first, fleet.tokens([slow!]), fleet.tokens([hanging!])]));
  assertEquals([slow!, hanging!].map(stateOf), ["on", "away"]);
});
