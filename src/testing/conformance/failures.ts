import type { Check } from "./check.ts";
import type { Fault, StoreHarness } from "./harness.ts";
import { expect, KEY, leaks, LOWER, secrets, Trial } from "./trial.ts";

/** What every store must do when something is wrong. */
export const FAILURES: readonly Check[] = [
  ...(["deny", "break"] as const).flatMap((fault): readonly Check[] => {
    const outcome = fault === "deny" ? "denied" : "invalid";
    return [
      {
        name: `${outcome} stops the walk: it is no miss, and neither a lower store nor a default hides it`,
        wants: [fault],
        run: async (harness) => {
          await harness.put(secrets());
          await cause(harness, fault);
          for (const lower of [false, true]) {
            const { code, trace } = await new Trial(harness, {}, { lower }).error();
            expect(code === outcome && trace[0]?.outcome === outcome, `the outcome ${outcome}`);
            expect(trace.length === 1 && trace[0].role === "stopped", "the walk to stop there");
          }
        },
      },
      {
        name: `${outcome} counts also while a credential is held`,
        wants: [fault],
        run: async (harness) => {
          await harness.put(secrets());
          const trial = new Trial(harness, {}, { lower: true });
          await trial.resolver.resolve(KEY);
          await cause(harness, fault);
          expect((await trial.error()).code === outcome, `the outcome ${outcome}`);
        },
      },
    ];
  }),
  {
    name: "an outage is unavailable: no miss, and no default serves",
    wants: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      await cause(harness, "disconnect");
      const { code, trace } = await new Trial(harness).error();
      expect(code === "unavailable" && trace[0]?.outcome === "unavailable", "the outcome unavailable");
    },
  },
  {
    name: "an outage lets a lower store answer, and the answer says that it is degraded",
    wants: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      await cause(harness, "disconnect");
      const credential = await new Trial(harness, {}, { lower: true }).resolver.resolve(KEY);
      expect(credential.source === "lower" && credential.degraded, "the lower store's answer, degraded");
      expect(credential.get("user") === LOWER.user as unknown, "an identity of one store");
    },
  },
  {
    name: "an outage does not take away what is held, and the answer says that it is degraded",
    wants: ["disconnect"],
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const trial = new Trial(harness);
      await trial.resolver.resolve(KEY);
      await cause(harness, "disconnect");
      const credential = await trial.again();
      expect(credential?.get("password") === values.password as unknown, "what is held");
      expect(credential?.degraded === true, "it to be degraded");
    },
  },
  {
    name: "a place that never answers is unavailable once the time is up",
    wants: ["stall"],
    run: async (harness) => {
      await harness.put(secrets());
      await cause(harness, "stall");
      const { code, trace } = await new Trial(harness).error();
      expect(code === "unavailable" && trace[0]?.ms !== undefined, "the outcome unavailable, and how long it took");
    },
  },
  ...(["deny", "break", "disconnect"] as const).map((fault): Check => ({
    name: `shows no value in what it says after ${fault}`,
    wants: [fault],
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const trial = new Trial(harness);
      await cause(harness, fault);
      expect(!leaks(await trial.error(), values), "an error without values");
      expect(!leaks(trial.resolver.describe(), values), "a description without values");
    },
  })),
];

async function cause(harness: StoreHarness, fault: Fault): Promise<void> {
  expect(harness[fault] !== undefined, `a harness that can ${fault}, or that it is listed among what it cannot do`);
  await harness[fault]();
}
