import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { denied, invalid } from "../../mod.ts";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function stateOf({ resolver }: Machine): string | undefined {
  return resolver.describe().stores.find(({ name }) => name === "m2m")!.share!.state;
}

function eventsOf({ events }: Machine): (string | undefined)[] {
  return events.filter(({ type }) => type === "share").map(({ detail }) => detail);
}

/** Creates four machines, of which one obtains the token for a second, and the others wait for it. */
async function inTheMiddle() {
  const fleet = new Fleet();
  const [owner, ...others] = fleet.add(4);
  fleet.delay = SECOND;
  const first = owner!.token();
  await fleet.pass(300);
  const waiting = Promise.all(others.map((machine) => machine.token()));
  await fleet.pass(300);
  return { fleet, first, waiting };
}

Deno.test("where the engine throws, each machine obtains its own token at once", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  fleet.register.fault = () => ({ refused: new Error("ECONNREFUSED secret") });
  const before = fleet.clock.now();
  assertEquals(new Set(await fleet.tokens()).size, 3);
  assertLess(fleet.clock.now() - before, 200);
  assertEquals(stateOf(fleet.machines[0]!), "away");
  assertEquals(eventsOf(fleet.machines[0]!), ["the engine did not answer: tokens are obtained alone"]);
  assertEquals(fleet.machines[0]!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
});

Deno.test("an engine that hangs costs a first answer three seconds, and a later one half a second", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.lifetime = 10 * SECOND;
  fleet.register.fault = () => ({ there: Infinity });
  let before = fleet.clock.now();
  await fleet.tokens();
  assertLessOrEqual(Math.abs(fleet.clock.now() - before - 3_100), 20);
  await fleet.pass(9 * SECOND);
  before = fleet.clock.now();
  await fleet.tokens([machine!]);
  assertLessOrEqual(Math.abs(fleet.clock.now() - before - 600), 20);
});

Deno.test("an engine that did not answer is not asked again for one to five seconds", async () => {
  for (const [random, pause] of [[0, 1], [0.999, 5]] as const) {
    const fleet = new Fleet();
    fleet.add(1, { random: () => random });
    fleet.lifetime = 200;
    fleet.delay = 1;
    fleet.register.fault = () => ({ refused: new Error("down") });
    const before = fleet.clock.now();
    const asked: number[] = [];
    for (let step = 0; step < 120; step++) {
      const calls = fleet.register.calls.length;
      await fleet.tokens();
      if (fleet.register.calls.length > calls) asked.push(fleet.clock.now() - before);
      await fleet.pass(100);
    }
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    assert(gaps.length > 1 && gaps.every((gap) => gap >= pause * SECOND - 10 && gap < pause * SECOND + 300), `${gaps}`);
  }
});

Deno.test("once the engine answers again, machines share again, and the log says so", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  fleet.register.fault = () => ({ refused: new Error("down") });
  await fleet.tokens();
  fleet.register.fault = () => undefined;
  await fleet.pass(56 * MINUTE);
  await fleet.tokens();
  await fleet.pass(10 * SECOND);
  assertEquals(new Set(await fleet.tokens()).size, 1);
  assertEquals(fleet.requests.length, 4);
  assertEquals(eventsOf(fleet.machines[0]!).at(-1), "the engine answers again");
  assertEquals(fleet.machines.map(stateOf), ["on", "on", "on"]);
});

Deno.test("an engine that fails over a renewal loses nothing: what is obtained then is used alone", async () => {
  const { fleet, first, waiting } = await inTheMiddle();
  fleet.register.fault = () => ({ refused: new Error("down") });
  assertEquals(await until(fleet.clock, first), "token-1");
  assertEquals(new Set(await until(fleet.clock, waiting)).size, 3);
  assertEquals(fleet.requests.length, 4);
});

Deno.test("an engine that hangs in the middle delays nobody by more than what it may take", async () => {
  const { fleet, first, waiting } = await inTheMiddle();
  fleet.register.fault = () => ({ there: Infinity });
  const before = fleet.clock.now();
  await until(fleet.clock, Promise.all([first, waiting]));
  assertLess(fleet.clock.now() - before, 3 * SECOND);
  assertEquals(fleet.requests.length, 4);
});

Deno.test("an engine that refuses its credential has it replaced once, and is reached by the new one", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.open = (name, password) => {
    if (password !== "rotated") throw denied("the password is wrong");
    return fleet.register.open(name);
  };
  machine!.env.ENGINE_PASSWORD = "opened";
  await fleet.tokens();
  assertEquals(stateOf(machine!), "refused");
  assertEquals(fleet.register.credentials, ["opened"]);
  const [other] = fleet.add(1);
  const resolved = await until(fleet.clock, other!.resolver.resolve("fleet:engine"));
  assertEquals(resolved.get("password"), "opened");
  other!.env.ENGINE_PASSWORD = "rotated";
  await fleet.tokens([other!]);
  assertEquals(fleet.register.credentials.slice(1), ["opened", "rotated"]);
  assertEquals(stateOf(other!), "on");
});

Deno.test("an engine that goes on refusing does not have its credential read again and again", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  let opened = 0;
  fleet.lifetime = 2 * SECOND;
  fleet.open = () => {
    opened++;
    throw denied("the password is wrong");
  };
  for (let second = 0; second < 60; second++) {
    await fleet.tokens();
    await fleet.pass(SECOND);
  }
  assertLessOrEqual(opened, 30);
  assertEquals(eventsOf(machine!), ["the password is wrong: tokens are obtained alone"]);
  const walks = machine!.events.filter(({ type, key }) => type === "walk" && key === "fleet:engine");
  assertLessOrEqual(walks.length, 2);
});

Deno.test("a connection is kept between renewals, opened again with a new credential, and closed where it broke", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  const renew = async () => {
    machine!.invalidate();
    await fleet.tokens();
    await fleet.pass(400 * SECOND);
  };
  await renew();
  await renew();
  assertEquals([fleet.register.opened, fleet.register.closed], [1, 0]);
  machine!.env.ENGINE_PASSWORD = "rotated";
  machine!.resolver.invalidate("fleet:engine");
  await renew();
  assertEquals(fleet.register.credentials, ["opened", "rotated"]);
  assertEquals([fleet.register.opened, fleet.register.closed], [2, 1]);
  fleet.register.fault = () => ({ refused: new Error("reset") });
  await renew();
  assertEquals([fleet.register.opened, fleet.register.closed], [3, 3]);
  fleet.register.fault = () => undefined;
  await renew();
  assertEquals([fleet.register.opened, fleet.register.closed], [4, 3]);
});

Deno.test("a connection that was cut while nobody used it is opened again at once, and costs the fleet nothing", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  let cut = false;
  fleet.open = (name) => {
    const register = fleet.register.open(name);
    const isOld = !cut;
    const get = (entry: string) => cut && isOld ? Promise.reject(new Error("ECONNRESET")) : register.get(entry);
    return { ...register, get };
  };
  await fleet.tokens();
  cut = true;
  await fleet.pass(400 * SECOND);
  for (const machine of fleet.machines) machine.invalidate();
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertEquals(fleet.requests.length, 2);
  assertEquals(fleet.register.opened, 8);
  assertEquals(fleet.machines.flatMap(eventsOf), []);
});

Deno.test("a connection that takes long to open is awaited by one call after the other, and opened once", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.lifetime = 2 * SECOND;
  fleet.open = async (name) => {
    await new Promise<void>((resolve) => fleet.clock.after(6 * SECOND, resolve));
    return fleet.register.open(name);
  };
  for (let second = 0; second < 15; second++) {
    await fleet.tokens();
    await fleet.pass(SECOND);
  }
  assertEquals(fleet.register.credentials.length, 1);
  assertEquals(stateOf(machine!), "on");
});

for (
  const [what, register] of [
    ["no now", { get: () => Promise.resolve({}), swap: () => Promise.resolve(1) }],
    ["a text that is none", { get: () => Promise.resolve({ now: 1, text: 5 }), swap: () => Promise.resolve(1) }],
    ["nothing", { get: () => Promise.resolve(undefined), swap: () => Promise.resolve(1) }],
    ["a text without a version", {
      get: () => Promise.resolve({ now: 1, text: "text" }),
      swap: () => Promise.resolve(1),
    }],
    ["a text whose version is null", {
      get: () => Promise.resolve({ now: 1, text: "text", version: null }),
      swap: () => Promise.resolve(1),
    }],
    ["true for a swap", { get: () => Promise.resolve({ now: 1 }), swap: () => Promise.resolve(true) }],
    ["false for a swap", { get: () => Promise.resolve({ now: 1 }), swap: () => Promise.resolve(false) }],
    ["no register", {}],
  ] as const
) {
  Deno.test(`an engine that gives ${what} counts as misunderstood, and machines go on alone`, async () => {
    const fleet = new Fleet();
    const [machine] = fleet.add(1);
    fleet.open = () => register as never;
    assertEquals(await fleet.tokens(), ["token-1"]);
    assertEquals(stateOf(machine!), "misunderstood");
  });
}

Deno.test("an engine that gives null for nothing lets one machine obtain a token, as one that gives undefined", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  fleet.open = (name) => {
    const register = fleet.register.open(name);
    return {
      get: async (entry) => ({ text: null, version: null, ...await register.get(entry) }) as never,
      swap: async (...change) => await register.swap(...change) ?? null,
    };
  };
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a machine that loses the lease three times in a row to others obtains its own token", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.open = (name) => {
    const register = fleet.register.open(name);
    return { ...register, swap: (name, _, text, ttl) => register.swap(name, "another", text, ttl) };
  };
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens(), ["token-1"]);
  assertLess(fleet.clock.now() - before, SECOND);
  assertEquals(fleet.register.count("swap"), 3);
  assertEquals(machine!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
});

Deno.test("an engine says itself that it is not understood, in its own words", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.register.fault = () => ({ refused: invalid("the table has another form") });
  await fleet.tokens();
  assertEquals(eventsOf(machine!), ["the table has another form: tokens are obtained alone"]);
});

Deno.test("an engine that lets a machine read and not write counts as refused, and says so", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.register.fault = ({ op }) => op === "swap" ? { refused: denied("the user cannot write") } : undefined;
  assertEquals(await fleet.tokens(), ["token-1"]);
  assertEquals(stateOf(machine!), "refused");
  assertEquals(eventsOf(machine!), ["the user cannot write: tokens are obtained alone"]);
});

Deno.test("without the credential of the engine, machines go on alone, and say why", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, { env: { ENGINE_PASSWORD: "" } });
  assertEquals(await fleet.tokens(), ["token-1"]);
  assert(eventsOf(machine!)[0]!.startsWith('needs "fleet:engine": no store has it'), `${eventsOf(machine!)}`);
});

Deno.test("the engine's credential is nothing to a token: while it is rotated, the token is held", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  await fleet.tokens();
  machine!.env.ENGINE_PASSWORD = "rotated";
  machine!.resolver.invalidate("fleet:engine");
  await fleet.tokens();
  assertEquals(fleet.requests.length, 1);
});

Deno.test("an engine that answers null where another change came first is understood", async () => {
  const fleet = new Fleet();
  const { open } = fleet;
  fleet.open = async (...machine) => {
    const register = await open(...machine);
    return { ...register, swap: async (...change) => await register.swap(...change) ?? null };
  };
  fleet.add(8);
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});
