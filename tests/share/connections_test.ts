import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";

const SECOND = 1_000;

/** Waits by the fleet's clock. */
function after(fleet: Fleet, ms: number): Promise<void> {
  return new Promise((resolve) => fleet.clock.after(ms, () => resolve()));
}

/** Lets a machine open each later connection slowly, and breaks its first one, until it has a token all the same. */
async function breakWhileOpening(fleet: Fleet, machine: Machine, openingMs: number): Promise<void> {
  fleet.delay = 12 * SECOND;
  let slow = false;
  fleet.open = async (name) => {
    if (slow) await after(fleet, openingMs);
    return fleet.register.open(name);
  };
  const token = machine.token();
  await fleet.pass(600);
  slow = true;
  fleet.register.fault = () => ({ refused: new Error("ECONNRESET") });
  await until(fleet.clock, token);
  slow = false;
}

Deno.test("a connection that a firewall forgot while nobody used it costs the fleet no request", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  let forgotten = false;
  fleet.open = (name) => {
    const register = fleet.register.open(name);
    const isOld = !forgotten;
    const get = (entry: string) => forgotten && isOld ? new Promise<never>(() => {}) : register.get(entry);
    return { ...register, get };
  };
  await fleet.tokens();
  forgotten = true;
  await fleet.pass(400 * SECOND);
  for (const machine of fleet.machines) machine.invalidate();
  const before = fleet.clock.now();
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertLess(fleet.clock.now() - before, 2 * SECOND);
  assertEquals(fleet.requests.length, 2);
  assertEquals([fleet.register.opened, fleet.register.closed], [8, 4]);
});

Deno.test("an engine that hangs between two renewals is tried by one more connection, and no further", async () => {
  const fleet = new Fleet();
  fleet.add(1);
  await fleet.tokens();
  fleet.register.fault = () => ({ there: Infinity });
  await fleet.pass(400 * SECOND);
  fleet.machines[0]!.invalidate();
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens(), ["token-2"]);
  assertLessOrEqual(Math.abs(fleet.clock.now() - before - 1_100), 20);
  assertEquals([fleet.register.opened, fleet.register.closed], [2, 2]);
});

Deno.test("a connection that several calls of one run waited for is closed once it broke", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, { store: { timeout: 30 * SECOND } });
  await breakWhileOpening(fleet, machine!, 8 * SECOND);
  fleet.register.fault = () => undefined;
  await fleet.pass(30 * SECOND);
  fleet.register.fault = () => ({ refused: new Error("ECONNRESET") });
  machine!.invalidate();
  await fleet.tokens();
  await fleet.pass(30 * SECOND);
  assertEquals(fleet.register.closed, fleet.register.opened);
});

Deno.test("on workerd, each connection of a run is closed, however late it opened", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, { requestBound: true, store: { timeout: 30 * SECOND } });
  await breakWhileOpening(fleet, machine!, 6 * SECOND);
  await fleet.pass(30 * SECOND);
  assertEquals(fleet.register.closed, fleet.register.opened);
});

Deno.test("a store whose answer cannot be read does not keep the lease for ever", async () => {
  const fleet = new Fleet();
  const [broken] = fleet.add(1);
  const [other] = fleet.add(1);
  fleet.answer = ({ machine, number }) =>
    machine === broken!.name
      ? {
        get values(): never {
          throw new Error("broken");
        },
      } as never
      : { values: { access_token: `token-${number}` }, expiresIn: 3_600 };
  await fleet.tokens([broken!]);
  const before = fleet.clock.now();
  const calls = fleet.register.calls.length;
  await fleet.pass(10 * SECOND);
  assertEquals(fleet.register.calls.length, calls);
  assertEquals((await fleet.tokens([other!])).length, 1);
  assertLess(fleet.clock.now() - before, 11 * SECOND);
});
