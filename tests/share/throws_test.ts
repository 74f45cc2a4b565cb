import { assertEquals, assertLess } from "@std/assert";
import { invalid } from "../../mod.ts";
import { SharedAttempt } from "../../src/share/steps/shared_attempt.ts";
import { testClock } from "../../src/testing/mod.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";

const SECOND = 1_000;
const SECRET = "planted-in-an-error";

/** Returns what a machine gets, with the text of its error. */
async function told(fleet: Fleet, machine: Machine): Promise<readonly [got: string, text: string]> {
  let text = "";
  const resolve = machine.resolver.resolve("fleet:api").catch((error) => text = Deno.inspect(error));
  const [got] = await fleet.tokens([machine]);
  await resolve;
  return [got!, text];
}

function throwing(): never {
  throw new Error(SECRET);
}

const ANSWERS: Readonly<Record<string, object>> = {
  values: Object.defineProperty({ expiresIn: 3_600 }, "values", { get: throwing }),
  expiresIn: Object.defineProperty({ values: { access_token: "token" } }, "expiresIn", { get: throwing }),
  expiresAt: { values: { access_token: "token" }, expiresAt: { valueOf: throwing } },
};

for (const [name, answer] of Object.entries(ANSWERS)) {
  Deno.test(`a store whose answer throws where its ${name} is read gets its own refusal, and its lease ends at once`, async () => {
    const fleet = new Fleet();
    const [machine, other] = fleet.add(2);
    fleet.answer = () => answer as never;
    const [got, text] = await told(fleet, machine!);
    assertEquals(got, "invalid");
    assertEquals(text.includes(SECRET), false);
    const calls = fleet.register.calls.length;
    await fleet.pass(60 * SECOND);
    assertEquals(fleet.register.calls.length, calls);
    fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expiresIn: 3_600 });
    const before = fleet.clock.now();
    await fleet.tokens([other!]);
    assertLess(fleet.clock.now() - before, SECOND);
  });
}

/** Runs with an encryption that fails for some calls: a stand-in for a runtime that runs out of what it needs. */
async function withEncryption(fails: (call: number) => boolean, run: () => Promise<unknown>): Promise<number> {
  const { prototype } = SubtleCrypto;
  const { encrypt } = prototype;
  let calls = 0;
  prototype.encrypt = function (...args) {
    return fails(++calls) ? Promise.reject(new Error(SECRET)) : encrypt.apply(this, args);
  };
  try {
    await run();
  } finally {
    prototype.encrypt = encrypt;
  }
  return calls;
}

Deno.test("whatever throws while a machine has the lease, it is released, and the token is used alone", async () => {
  const fleet = new Fleet();
  const [machine, other] = fleet.add(2);
  await withEncryption((call) => call === 2, async () => {
    assertEquals(await told(fleet, machine!), ["token-1", ""]);
  });
  assertEquals(machine!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  const before = fleet.clock.now();
  assertEquals(await fleet.tokens([other!]), ["token-2"]);
  assertLess(fleet.clock.now() - before, SECOND);
});

Deno.test("a heartbeat that cannot be sealed is the last one, and its owner uses the token alone", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  fleet.delay = 3 * SECOND;
  const calls = await withEncryption((call) => call > 1, async () => {
    assertEquals(await told(fleet, machine!), ["token-1", ""]);
    await fleet.pass(60 * SECOND);
  });
  assertEquals(machine!.resolver.peek("fleet:api")!.trace[0]!.shared, "alone");
  assertEquals(calls, 2);
});

Deno.test("what asking the server throws is the store's own refusal, however often it is awaited", async () => {
  const context = { store: { deps: { ambient: { clock: testClock() } } } };
  const shared = new SharedAttempt(context as never, {} as never, throwing, {} as never);
  for (const _ of [1, 2]) {
    const { answer } = await shared.alone();
    assertEquals(answer, invalid("its look-up threw: fix the store's code") as never);
  }
});
