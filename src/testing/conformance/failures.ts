import { partsOf } from "../../core/chain/store_kind.ts";
import type { Fault, StoreHarness } from "./harness.ts";
import { type Check, expect, Fixture, KEY, LOWER_VALUES, secrets, STALL_TIMEOUT_MS, valuesOf } from "./fixture.ts";

const OUTAGE_CHECKS: readonly Check[] = [
  {
    name: "reports an outage as unavailable, not as a miss, so that no default is used",
    requires: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      await inject(harness, "disconnect");
      const { code, trace } = await new Fixture(harness).resolveError();
      expect(code === "unavailable" && trace[0]?.outcome === "unavailable", "the outcome unavailable");
    },
  },
  {
    name: "lets a lower store answer, degraded, during an outage",
    requires: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      await inject(harness, "disconnect");
      const credential = await new Fixture(harness, {}, { lower: true }).resolver.resolve(KEY);
      expect(credential.source === "lower" && credential.degraded, "the lower store's answer, degraded");
      expect(credential.get("user") === LOWER_VALUES.user as unknown, "an identity of one store");
    },
  },
  {
    name: "serves the held credential, degraded, during an outage",
    requires: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      const held = await fixture.resolver.resolve(KEY);
      const { password } = valuesOf(held);
      await inject(harness, "disconnect");
      // Hint: only a store that says so serves what has expired.
      const isEnding = held.expiresAt !== undefined && !servesExpired(harness);
      const credential = await fixture.resolveAgain(isEnding ? (held.expiresAt! - fixture.now) / 2 : undefined);
      expect(credential?.get("password") === password as unknown, "the held credential");
      const isGood = isEnding && harness.store({ priority: 1 }).shape.name === "token";
      expect(
        credential?.degraded === true || isGood,
        "the held credential to be degraded, unless it is a token that is still valid",
      );
    },
  },
  {
    name: "reports a place that never answers as unavailable after the timeout",
    requires: ["stall"],
    run: async (harness) => {
      await harness.put(secrets());
      await inject(harness, "stall");
      const { code, trace } = await new Fixture(harness, { timeout: STALL_TIMEOUT_MS }).resolveError();
      expect(code === "unavailable" && trace[0]?.ms !== undefined, "the outcome unavailable, and how long it took");
    },
  },
];

/** What every store must do when its place fails. */
// Hint: a call that is marked as pure lets bundlers leave this out.
export const FAILURE_CHECKS: readonly Check[] = /* @__PURE__ */ failureChecks();

function failureChecks(): readonly Check[] {
  return [
    ...stopChecks("deny", "denied"),
    ...stopChecks("break", "invalid"),
    ...OUTAGE_CHECKS,
    ...(["deny", "break", "disconnect"] as const).map(secrecyCheck),
  ];
}

function stopChecks(fault: "deny" | "break", outcome: "denied" | "invalid"): readonly Check[] {
  return [
    {
      name: `reports ${outcome} and stops the walk, so that neither a lower store nor a default hides it`,
      requires: [fault],
      run: async (harness) => {
        await harness.put(secrets());
        await inject(harness, fault);
        for (const lower of [false, true]) {
          const { code, trace } = await new Fixture(harness, {}, { lower }).resolveError();
          expect(code === outcome && trace[0]?.outcome === outcome, `the outcome ${outcome}`);
          expect(trace.length === 1 && trace[0].role === "stopped", "the walk to stop there");
        }
      },
    },
    {
      name: `reports ${outcome} even while a credential is held`,
      requires: [fault],
      run: async (harness) => {
        await harness.put(secrets());
        const fixture = new Fixture(harness, {}, { lower: true });
        await fixture.resolver.resolve(KEY);
        await inject(harness, fault);
        expect((await fixture.resolveError()).code === outcome, `the outcome ${outcome}`);
      },
    },
  ];
}

function secrecyCheck(fault: Fault): Check {
  return {
    name: `shows no value in its errors after ${fault}`,
    requires: [fault],
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const fixture = new Fixture(harness);
      await inject(harness, fault);
      expect(!fixture.leaks(await fixture.resolveError(), values), "an error without values");
      expect(!fixture.leaks(fixture.resolver.describe(), values), "a description without values");
    },
  };
}

/** Whether a store serves a token that has expired and cannot be renewed, as a last resort. */
export function servesExpired(harness: StoreHarness): boolean {
  const { spec, options } = partsOf(harness.store({ priority: 1 }))!;
  return spec.shape.name === "token" && (options.onExpired ?? spec.onExpired ?? "serve") === "serve";
}

/** Makes the place of a store fail. */
export async function inject(harness: StoreHarness, fault: Fault): Promise<void> {
  expect(harness[fault] !== undefined, `a harness with ${fault}(), or "${fault}" among the limits`);
  await harness[fault]();
}
