import type { CredentialError } from "../../core/chain/errors.ts";
import { denied, invalid, unavailable } from "../../core/chain/outcome.ts";
import { type Parts, partsOf } from "../../core/chain/store_kind.ts";
import { type Check, expect, Fixture, KEY, secrets, valuesOf } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";
import { Observed } from "./observed.ts";

/** How long a needed credential is valid in a check of what ends with it. */
const NEED_MS = 60_000;

/** How a needed credential may fail. */
const REFUSALS = /* @__PURE__ */ refusals();

/** What a store does with the credentials that it needs. */
export const NEED_CHECKS: readonly Check[] = [
  {
    name: "fails in the same way as a credential that it needs, and does not go on without it",
    run: async (harness) => {
      for (const [name, key] of needsOf(harness)) {
        for (const refusal of REFUSALS) {
          await harness.put(secrets());
          const { resolver, needed } = new Fixture(harness);
          needed.failing = { key, refusal };
          const { found, error } = await outcomeOf(resolver.find(KEY));
          if (!needed.asked.includes(key)) continue;
          const hint = `a look-up to fail as its need("${name}") does, not to go on as if that were left out`;
          expect(found === undefined && error?.trace[0]?.outcome === refusal.outcome, hint);
        }
      }
    },
  },
  {
    name: "works, or refuses with a reason, without an optional need",
    run: async (harness) => {
      const { spec, options } = partsOfHarness(harness);
      for (const [name] of needsOf(harness)) {
        if (!spec.needs?.includes(`${name}?`)) continue;
        // Hint: then a chain without it does not compile, and says why.
        if (spec.mistakes?.({ ...options, [name]: undefined }).length) continue;
        await harness.put(secrets());
        const observed = new Observed();
        const { resolver } = new Fixture(harness, {}, { observed, without: name });
        await resolver.find(KEY).catch(() => {});
        const hint = `a look-up to work or to refuse, not to throw, if need("${name}") gives undefined`;
        expect(!observed.threw, hint);
      }
    },
  },
  {
    name: "gives what expires with a need that binds",
    run: async (harness) => {
      for (const [name] of bindsOf(harness)) {
        await harness.put(secrets());
        const fixture = new Fixture(harness);
        const { needed, resolver } = fixture;
        const end = needed.expiresAt = fixture.now + NEED_MS;
        const { expiresAt } = await resolver.resolve(KEY);
        const hint =
          `what it gives to expire with its need: call need("${name}") in each look-up that obtains, not once`;
        expect(expiresAt !== undefined && +expiresAt <= end, hint);
      }
    },
  },
  {
    name: "gives another answer when the value of a need that binds changes",
    run: async (harness) => {
      for (const [name, key] of bindsOf(harness)) {
        await harness.put(secrets());
        const { needed, resolver } = new Fixture(harness);
        const before = valuesOf(await resolver.resolve(KEY));
        const needBefore = JSON.stringify(needed.last.get(key));
        await harness.put(secrets());
        resolver.invalidate(key);
        const after = valuesOf(await resolver.resolve(KEY));
        const isAnotherNeed = JSON.stringify(needed.last.get(key)) !== needBefore;
        expect(isAnotherNeed, `a harness whose needs give other values of "${key}" at each call`);
        const hint =
          `another answer once need("${name}") gives another value: do not renew what was obtained with the old one`;
        expect(after.password !== before.password, hint);
      }
    },
  },
];

function refusals() {
  return [
    denied("the conformance kit denies it"),
    invalid("the conformance kit broke it"),
    unavailable("no connection"),
  ];
}

function partsOfHarness(harness: StoreHarness): Parts {
  return partsOf(harness.store({ priority: 1 }))!;
}

/** Returns the needs that are given, each with its key. */
function needsOf(harness: StoreHarness): readonly (readonly [string, string])[] {
  const { needs, options } = partsOfHarness(harness);
  return needs.map((name) => [name, options[name] as string]);
}

function bindsOf(harness: StoreHarness): readonly (readonly [string, string])[] {
  const { spec } = partsOfHarness(harness);
  return needsOf(harness).filter(([name]) => (spec.binds as readonly string[] | undefined)?.includes(name));
}

async function outcomeOf(
  finding: Promise<unknown>,
): Promise<{ readonly found?: unknown; readonly error?: CredentialError }> {
  return await finding.then((found) => ({ found }), (error) => ({ error }));
}
