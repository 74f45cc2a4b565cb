import { assertEquals, assertThrows } from "@std/assert";
import { ChainError, denied, invalid, type LogEvent, required, unavailable } from "../../mod.ts";
import { DOWN, Fleet, SEAL } from "../support/share/fleet.ts";
import { machine } from "../support/tokens/machine.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A field whose value is no data for one text. */
const secret = required({
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => ({ value: value === "object" ? new Map([["id", value]]) : value }),
  },
}) as ReturnType<typeof required>;

function logged(events: readonly LogEvent[]): (string | undefined)[] {
  return events.filter(({ type }) => type === "share").map(({ detail }) => detail);
}

Deno.test("while the seal cannot be had, a machine obtains its own token, and shares the next one", async () => {
  const { clock, local, register, resolver, events } = machine();
  const resolve = async () => (await resolver.resolve("a:token")).trace[0]!.shared;
  local.answers.seal = unavailable("HTTP 503");
  assertEquals(await resolve(), "alone");
  assertEquals(register.calls.length, 0);
  assertEquals(logged(events), ['needs "fleet:seal": "local" is unavailable: HTTP 503: tokens are obtained alone']);
  local.answers.seal = SEAL;
  await clock.advance(MINUTE);
  assertEquals(await resolve(), "alone");
  await clock.advance(56 * MINUTE);
  assertEquals(await resolve(), "minted");
  assertEquals(resolver.describe().stores[1]!.share!.minted, 2);
});

for (const refused of [denied("HTTP 403"), invalid("no form that is known"), undefined, "too short"]) {
  const what = typeof refused === "object" ? refused.outcome : refused ?? "not found";
  Deno.test(`a seal that is ${what} does not take away the token that is held`, async () => {
    const { clock, local, resolver } = machine();
    const resolve = async () => (await resolver.resolve("a:token")).trace[0]!.shared;
    await resolve();
    local.answers.seal = refused as never;
    resolver.invalidate("fleet:seal");
    for (const minutes of [10, 40, 5]) {
      await clock.advance(minutes * MINUTE);
      assertEquals(await resolve(), "minted");
    }
    await clock.advance(6 * MINUTE);
    const error = await resolver.resolve("a:token").catch((error) => error);
    assertEquals(error.code, "invalid");
  });
}

Deno.test("what is no data could look like another identity's, so that a token that is obtained with it is not shared", async () => {
  const { local, register, resolver, events } = machine({ secret });
  local.answers.secret = "object";
  assertEquals((await resolver.resolve("a:token")).trace[0]!.shared, "alone");
  assertEquals(register.calls.length, 0);
  assertEquals(logged(events), ["what the token is obtained with is not data: tokens are obtained alone"]);
});

Deno.test("where the runtime lacks what a name takes, a machine obtains its own token, and says so once", async () => {
  const { clock, register, resolver, events } = machine();
  const resolve = async () => (await resolver.resolve("a:token")).trace[0]!.shared;
  const { prototype } = SubtleCrypto;
  const { deriveBits } = prototype;
  // Hint: a stand-in for a runtime without HKDF.
  prototype.deriveBits = () => Promise.reject(new Error("planted-in-an-error"));
  try {
    assertEquals(await resolve(), "alone");
    await clock.advance(56 * MINUTE);
    assertEquals(await resolve(), "alone");
  } finally {
    prototype.deriveBits = deriveBits;
  }
  assertEquals(register.calls.length, 0);
  assertEquals(logged(events), ["the runtime cannot derive a name: tokens are obtained alone"]);
});

for (const [option, least] of [["lease", 500], ["timeout", 50]] as const) {
  for (const value of [0, -1, NaN, Infinity, "2000"]) {
    Deno.test(`the ${option} ${JSON.stringify(value)} (${value}) is a mistake in the chain`, () => {
      const error = assertThrows(() => machine({ share: { [option]: value as number } }), ChainError);
      const expected = `Expected a number of milliseconds from ${least} to 60000`;
      assertEquals(error.message, `stores.m2m.share.${option}: ${expected}`);
    });
  }
}

for (const [what, lost] of [["broke off", { broken: DOWN }], ["hung", { back: Infinity }]] as const) {
  Deno.test(`a token that was written while the engine ${what} is not given again once a service refused it`, async () => {
    const fleet = new Fleet();
    const [one] = fleet.add(1);
    fleet.register.fault = () => fleet.requests.length > 0 ? lost : undefined;
    assertEquals(await fleet.tokens(), ["token-1"]);
    // Hint: the later look takes longer to come back, so that the token seems to end later there.
    fleet.register.fault = () => ({ back: 20 });
    await fleet.pass(10 * SECOND);
    one!.invalidate();
    assertEquals(await fleet.tokens(), ["token-2"]);
  });
}
