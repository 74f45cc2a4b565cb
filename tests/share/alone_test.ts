import { assertEquals, assertThrows } from "@std/assert";
import { ChainError, type LogEvent, required, unavailable } from "../../mod.ts";
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

Deno.test("what is no data could look like another identity's, so that a token that is obtained with it is not shared", async () => {
  const { local, register, resolver, events } = machine({ secret });
  local.answers.secret = "object";
  assertEquals((await resolver.resolve("a:token")).trace[0]!.shared, "alone");
  assertEquals(register.calls.length, 0);
  assertEquals(logged(events), ["what the token is obtained with is not data: tokens are obtained alone"]);
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
