import type { AnswerOptions } from "../../core/chain/answer.ts";
import { isRefusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import { inject, servesExpired } from "./failures.ts";
import { type Check, expect, Fixture, KEY, secrets } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";
import { type Given, Observed } from "./observed.ts";

/** What a store must say of what it gives: versions, ages, expiries and lifetimes. */
export const KNOWLEDGE_CHECKS: readonly Check[] = [
  {
    name: "gives valid ages, and expiry times in the future",
    run: async (harness) => {
      for (const { known, value, at } of await lookUp(harness)) {
        expectTime(known.expiresAt, at);
        const { age = 0 } = known;
        expect(typeof age === "number" && age >= 0 && age < Infinity, "an age of 0 or more, in milliseconds");
        const isToken = harness.store({ priority: 1 }).shape.name === "token";
        if (isToken && value !== undefined && !isRefusal(value)) expectLifetime(Object(value), at);
      }
    },
  },
  {
    name: "never gives an expired value as valid, even during an outage",
    requires: ["disconnect"],
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      const { expiresAt } = await fixture.resolver.resolve(KEY);
      if (expiresAt === undefined) return;
      await inject(harness, "disconnect");
      const found = await fixture.resolveAgain(expiresAt - fixture.now + 1).catch(() => undefined);
      const isLastResort = found?.degraded === true && servesExpired(harness);
      expect(
        found === undefined || isLastResort,
        "nothing after its expiry: do not give again what was obtained before",
      );
    },
  },
  {
    name: "gives versions that are texts or numbers",
    run: async (harness) => {
      for (const { known: { version } } of await lookUp(harness)) {
        const isVersion = version === undefined || (typeof version === "number" ? version < Infinity : isText(version));
        expect(isVersion, "a version to be a number or a non-empty string; leave it out if none is known");
      }
    },
  },
  {
    name: "gives another version after a change, and otherwise the same one",
    requires: ["put", "change"],
    run: async (harness) => {
      const observed = new Observed();
      await harness.put(secrets());
      const fixture = new Fixture(harness, {}, { observed });
      await fixture.resolver.resolve(KEY);
      const first = versionsOf(observed);
      if (first.length === 0) return;
      await fixture.resolveAgain();
      expect(versionsOf(observed).join() === first.join(), "the same version while nothing changes");
      await harness.put(secrets());
      await fixture.resolveAgain();
      const changed = versionsOf(observed);
      expect(changed.every((version, at) => version !== first[at]), "another version after a change");
    },
  },
];

/** Asks a store, and returns what it gave, even if that cannot be used. */
async function lookUp(harness: StoreHarness): Promise<readonly Given[]> {
  const observed = new Observed();
  await harness.put(secrets());
  await new Fixture(harness, {}, { observed }).resolver.find(KEY).catch(() => {});
  return observed.given;
}

/** Returns the versions that were given since the last call, in order. */
function versionsOf({ given }: Observed): readonly AnswerOptions["version"][] {
  return given.splice(0).map(({ known }) => known.version).filter((version) => version !== undefined);
}

function expectTime(expiresAt: unknown, now: number): void {
  if (expiresAt === undefined) return;
  const isFuture = typeof expiresAt === "number" && expiresAt > now;
  expect(
    isFuture,
    "expiresAt to be a number in the future, in milliseconds since 1970; leave it out if none is known",
  );
}

/** Checks the property that counts: `expires`, otherwise `expiresAt`, otherwise `expiresIn`. */
function expectLifetime({ expiresIn, expiresAt, expires }: Omit<Token, "values">, now: number): void {
  expect(expires === undefined || expires === "never", 'expires to be "never", or left out');
  if (expires) return;
  expectTime(expiresAt ?? undefined, now);
  if (expiresAt !== undefined || expiresIn === undefined || expiresIn === null) return;
  // Hint: a server may give seconds as a string.
  const seconds = typeof expiresIn === "string" && /^\d+$/.test(expiresIn) ? Number(expiresIn) : expiresIn;
  const isPositive = typeof seconds === "number" && seconds > 0 && seconds < Infinity;
  expect(isPositive, 'expiresIn to be a number of seconds above 0; expires: "never" if it does not expire');
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
