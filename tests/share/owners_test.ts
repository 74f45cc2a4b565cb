import { assert, assertEquals, assertLess } from "@std/assert";
import { denied, invalid } from "../../mod.ts";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";
import type { Fault } from "../support/share/memory_register.ts";

const SECOND = 1_000;
const NEVER: Fault = { there: Infinity };

/** Cuts a machine off from the engine and the server, as if it were killed. */
function kill(fleet: Fleet, { name }: Machine): void {
  const { answer } = fleet;
  const { fault } = fleet.register;
  fleet.register.fault = (call) => call.machine === name ? NEVER : fault(call);
  fleet.answer = (request) => request.machine === name ? new Promise(() => {}) : answer(request);
}

Deno.test("where the machine that obtains the token is killed, another one does, after the lease", async () => {
  const fleet = new Fleet();
  const [owner, ...others] = fleet.add(6);
  fleet.delay = SECOND;
  owner!.token().catch(() => {});
  await fleet.pass(200);
  kill(fleet, owner!);
  const before = fleet.clock.now();
  assertEquals(new Set(await fleet.tokens(others)), new Set(["token-2"]));
  const took = fleet.clock.now() - before;
  assert(took > 2 * SECOND && took < 4 * SECOND, `${took} ms`);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("while the machine that obtains the token is slow and alive, all others wait for it", async () => {
  const fleet = new Fleet();
  fleet.add(6);
  fleet.delay = 4.5 * SECOND;
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a machine that stopped for longer than its lease changes nothing of what others obtained meanwhile", async () => {
  const fleet = new Fleet();
  const [owner, ...others] = fleet.add(4);
  fleet.delay = SECOND;
  const stopped = { there: 4 * SECOND };
  const late = owner!.token();
  await fleet.pass(300);
  fleet.register.fault = ({ machine }) => machine === owner!.name ? stopped : undefined;
  fleet.answer = async ({ machine, number }) => {
    if (machine === owner!.name) await new Promise<void>((resolve) => fleet.clock.after(3 * SECOND, resolve));
    return { values: { access_token: `token-${number}` }, expiresIn: 3_600 };
  };
  assertEquals(new Set(await fleet.tokens(others)), new Set(["token-2"]));
  fleet.register.fault = () => undefined;
  assertEquals(await until(fleet.clock, late), "token-1");
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  const [fresh] = fleet.add(1);
  assertEquals(await fleet.tokens([fresh!]), ["token-2"]);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("a machine that was suspended while it obtained the token takes the one that others obtained meanwhile, and asks no more", async () => {
  const fleet = new Fleet();
  const [owner, ...others] = fleet.add(4);
  fleet.delay = SECOND;
  const late = owner!.token();
  await fleet.pass(300);
  owner!.suspend();
  assertEquals(new Set(await fleet.tokens(others)), new Set(["token-2"]));
  await fleet.pass(8 * SECOND);
  owner!.resume();
  assertEquals(await until(fleet.clock, late), "token-2");
  assertEquals(fleet.requests.length, 2);
});

Deno.test("where a whole fleet was suspended, one machine asks again, and none fails", async () => {
  const fleet = new Fleet();
  const machines = fleet.add(4);
  fleet.delay = SECOND;
  const tokens = machines.map((machine) => machine.token());
  await fleet.pass(300);
  for (const machine of machines) machine.suspend();
  await fleet.pass(12 * SECOND);
  for (const machine of machines) machine.resume();
  assertEquals(new Set(await until(fleet.clock, Promise.all(tokens))), new Set(["token-2"]));
  assertEquals(fleet.requests.length, 2);
});

Deno.test("where an owner that lost its lease gets no answer, its callers get the token that another machine obtained", async () => {
  const fleet = new Fleet();
  const [owner, ...others] = fleet.add(4);
  fleet.answer = ({ machine, number }) =>
    machine === owner!.name ? new Promise(() => {}) : { values: { access_token: `token-${number}` }, expiresIn: 3_600 };
  const late = owner!.token();
  await fleet.pass(300);
  fleet.register.fault = ({ machine }) => machine === owner!.name ? NEVER : undefined;
  assertEquals(new Set(await fleet.tokens(others)), new Set(["token-2"]));
  fleet.register.fault = () => undefined;
  assertEquals(await until(fleet.clock, late), "token-2");
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "received");
  assertEquals(fleet.requests.length, 2);
});

Deno.test("where the answer to a result that was written is lost, it counts all the same", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  let swaps = 0;
  fleet.register.fault = ({ op }) => op === "swap" && ++swaps === 2 ? { broken: new Error("reset") } : undefined;
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
});

Deno.test("where the answer to a lease that was taken is lost, its owner goes on, and nobody waits for it in vain", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  let swaps = 0;
  fleet.register.fault = ({ op }) => op === "swap" && ++swaps === 1 ? { broken: new Error("reset") } : undefined;
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a client that repeats what it got no answer to, and is told that its own change came first, loses nothing", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.delay = 3 * SECOND;
  fleet.open = (machine) => {
    const register = fleet.register.open(machine);
    return {
      ...register,
      swap: async (...change) => {
        await register.swap(...change);
        return await register.swap(...change);
      },
    };
  };
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
});

Deno.test("a change that the engine refuses because it is busy is tried again, so that nobody takes a token over", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  let swaps = 0;
  fleet.open = (machine) => {
    const register = fleet.register.open(machine);
    return {
      ...register,
      swap: (name, before, text, ttl) => register.swap(name, ++swaps % 2 ? "busy" : before, text, ttl),
    };
  };
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
});

Deno.test("where the answer to a heartbeat is lost, its owner knows its lease again, and the result is written", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.delay = 3 * SECOND;
  let swaps = 0;
  fleet.register.fault = ({ op }) => op === "swap" && ++swaps === 3 ? { broken: new Error("reset") } : undefined;
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
});

Deno.test("a result that arrives while a heartbeat is under way does not lose against it", async () => {
  const fleet = new Fleet();
  const [owner] = fleet.add(1);
  fleet.delay = 700;
  fleet.register.fault = () => ({ there: 300, back: 100 });
  await fleet.tokens();
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
});

Deno.test("a result that cannot be written releases the lease, and its owner uses it alone", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  let swaps = 0;
  fleet.register.fault = ({ op }) => op === "swap" && ++swaps === 2 ? { refused: new Error("too large") } : undefined;
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens([other!]), ["token-2"]);
  assertLess(fleet.clock.now() - before, SECOND);
});

for (const [what, answer] of [["nothing", undefined], ["no values", {} as never]] as const) {
  Deno.test(`where the server has ${what} for it, the lease is released at once`, async () => {
    const fleet = new Fleet();
    const [owner, other] = fleet.add(2);
    fleet.answer = () => answer;
    await fleet.tokens([owner!]);
    const before = fleet.clock.now();
    await fleet.tokens([other!]);
    assertLess(fleet.clock.now() - before, SECOND);
    assertEquals(fleet.requests.length, 2);
  });
}

Deno.test("a token that JSON cannot express is not shared, and the lease is released", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}`, key: new Date() }, expiresIn: 3_600 });
  assertEquals(await fleet.tokens([owner!]), ["token-1"]);
  assertEquals(owner!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  assertEquals(await fleet.tokens([other!]), ["token-2"]);
});

Deno.test("a resolver that is disposed of while it obtains a token releases the lease, and closes the connection", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.delay = 2 * SECOND;
  const late = owner!.token();
  await fleet.pass(300);
  await until(fleet.clock, owner!.resolver[Symbol.asyncDispose]());
  assertEquals(fleet.register.closed, 1);
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens([other!]), ["token-2"]);
  assertLess(fleet.clock.now() - before, 3 * SECOND);
  assertEquals(await until(fleet.clock, late), "token-1");
});

Deno.test("a resolver that is disposed of while it waits for another machine asks for itself, so that nobody hangs", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.delay = 4 * SECOND;
  owner!.token().catch(() => {});
  await fleet.pass(300);
  const waiting = other!.token();
  await fleet.pass(300);
  await until(fleet.clock, other!.resolver[Symbol.asyncDispose]());
  assertEquals(await until(fleet.clock, waiting), "token-2");
});

Deno.test("nobody waits longer than its bound for machines that obtain nothing one after the other", async () => {
  const fleet = new Fleet();
  const [first, second, waiting] = fleet.add(3);
  fleet.delay = 4.5 * SECOND;
  fleet.answer = () => denied("HTTP 403");
  fleet.register.fault = ({ machine }) => machine === waiting!.name ? { there: 300, back: 100 } : undefined;
  for (const machine of [first!, second!]) machine.token().catch(() => {});
  await fleet.pass(100);
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens([waiting!]), ["unavailable"]);
  const took = fleet.clock.now() - before;
  assert(took > 7 * SECOND && took < 8.5 * SECOND, `${took} ms`);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("a machine whose clock is set forward or back while it waits goes on waiting, and takes the token", async () => {
  for (const ahead of [3_600 * SECOND, -3_600 * SECOND]) {
    const fleet = new Fleet();
    const [owner, other] = fleet.add(2);
    fleet.delay = 3 * SECOND;
    const first = owner!.token();
    await fleet.pass(200);
    const waiting = other!.token();
    await fleet.pass(500);
    other!.setAhead(ahead);
    assertEquals(await until(fleet.clock, Promise.all([first, waiting])), ["token-1", "token-1"]);
    assertEquals(fleet.requests.length, 1);
  }
});

Deno.test("a machine whose clock is set while it takes the lease does not lengthen the token of the others", async () => {
  const fleet = new Fleet();
  const [owner, other] = fleet.add(2);
  fleet.register.fault = ({ op }) => {
    if (op === "swap") owner!.setAhead(1_800 * SECOND);
    return undefined;
  };
  await fleet.tokens([owner!]);
  await fleet.pass(600 * SECOND);
  assertEquals(await fleet.tokens([other!]), ["token-1"]);
  const left = other!.resolver.peek("fleet:api")!.expiresAt! - fleet.clock.now();
  assertLess(left, fleet.requests[0]!.at + fleet.lifetime - fleet.clock.now() + 5 * SECOND);
});

Deno.test("a machine whose clock is set while it obtains a token does not shorten or lengthen that of the others", async () => {
  for (const ahead of [1_800 * SECOND, -3_600 * SECOND]) {
    const fleet = new Fleet();
    const [owner, other] = fleet.add(2);
    fleet.delay = SECOND;
    const first = owner!.token();
    await fleet.pass(500);
    owner!.setAhead(ahead);
    await until(fleet.clock, first);
    assertEquals(await fleet.tokens([other!]), ["token-1"]);
    const left = other!.resolver.peek("fleet:api")!.expiresAt! - fleet.clock.now();
    const end = fleet.requests[0]!.at + fleet.lifetime - fleet.clock.now();
    assert(left <= end && left > end - 100, `${left} ms of ${end}`);
  }
});

Deno.test("a machine whose clock is set before it tries again does not lengthen the token of the others", async () => {
  for (const ahead of [3_000 * SECOND, -3_000 * SECOND]) {
    const fleet = new Fleet();
    const [owner, other] = fleet.add(2);
    const { answer } = fleet;
    fleet.answer = (request) => {
      if (request.number > 1) return answer(request);
      owner!.setAhead(ahead);
      return invalid("in the middle of a change", { transient: true });
    };
    assertEquals(await fleet.tokens([owner!]), ["token-2"]);
    await fleet.pass(1_800 * SECOND);
    assertEquals(await fleet.tokens([other!]), ["token-2"]);
    const left = other!.resolver.peek("fleet:api")!.expiresAt! - fleet.clock.now();
    assertLess(left, fleet.requests[1]!.at + fleet.lifetime - fleet.clock.now() + 10 * SECOND);
  }
});
