import { partsOf } from "../../core/chain/store_kind.ts";
import { inject } from "./failures.ts";
import { becomes, type Check, expect, Fixture, KEY, runs, secrets, STALL_TIMEOUT_MS } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";
import { Observed, type Treatment } from "./observed.ts";

const THROWS = "close() not to throw, since a resolver ignores the error and what was to be ended stays";

/** How a store ends what it obtained. */
export const CLOSING_CHECKS: readonly Check[] = [
  {
    name: "closes in time and without an error, even a second time",
    run: async (harness) => {
      const { fixture, observed } = await use(harness);
      if (await isClosed(fixture, observed, "close() to end")) {
        const again = observed.closeAgain();
        expect(await becomes(harness, () => observed.closing.ended === 2), "close() to end when it is called again");
        await again;
        expect(!observed.closing.threw, `${THROWS}, even when it is called again`);
      }
    },
  },
  {
    name: "closes without an error even if nothing was looked up",
    run: async (harness) => {
      const { fixture, observed } = await use(harness, { unasked: true });
      await isClosed(fixture, observed, "close() to end if nothing was looked up");
    },
  },
  {
    name: "closes without an error even if what it needs is not held",
    run: async (harness) => {
      if (partsOf(harness.store({ priority: 1 }))!.needs.length === 0) return;
      const { fixture, observed } = await use(harness, { needless: true });
      await isClosed(fixture, observed, "close() to end if need() gives undefined");
    },
  },
  {
    name: "stops closing when its time is up",
    requires: ["stall"],
    run: async (harness) => {
      const { fixture, observed } = await use(harness);
      if (!observed.hasClose) return;
      await inject(harness, "stall");
      await fixture.close(STALL_TIMEOUT_MS);
      const isEnded = await becomes(harness, () => observed.closing.ended === observed.closing.begun);
      expect(isEnded, "close() to end once its signal is aborted: give the signal to each request");
    },
  },
  {
    name: "ends everything that it obtained when it is closed",
    requires: ["leases"],
    run: async (harness) => {
      const before = await harness.leases?.() ?? 0;
      const { fixture, observed } = await use(harness);
      if (!observed.hasClose) return;
      expect(harness.leases !== undefined, 'a harness with leases(), or "leases" among the limits');
      const leases = () => harness.leases!();
      expect(await leases() > before, "leases() to count what the store obtained");
      await isClosed(fixture, observed, "close() to end");
      const isEnded = await becomes(harness, async () => await leases() <= before);
      expect(isEnded, "close() to end everything that the store obtained, so that leases() is what it was before");
    },
  },
  {
    name: "ends by itself what arrives after it was closed",
    run: async (harness) => {
      const hasNeeds = partsOf(harness.store({ priority: 1 }))!.needs.length > 0;
      for (const late of hasNeeds ? ["answer", "need"] as const : ["answer"] as const) {
        await closeDuringLookUp(harness, late);
      }
    },
  },
];

/** Resolves the credential with an observed store. */
async function use(
  harness: StoreHarness,
  treatment?: Treatment,
): Promise<{ readonly fixture: Fixture; readonly observed: Observed }> {
  await harness.put(secrets());
  const observed = new Observed(treatment);
  const fixture = new Fixture(harness, {}, { observed });
  await fixture.resolver.find(KEY);
  return { fixture, observed };
}

/** Closes a store; returns whether it has something to close. */
async function isClosed(fixture: Fixture, observed: Observed, what: string): Promise<boolean> {
  if (!observed.hasClose) return false;
  await fixture.close(runs.get(fixture.harness)!.timeout);
  const { begun, ended, threw } = observed.closing;
  expect(begun === 1 && ended === 1, what);
  expect(!threw, THROWS);
  return true;
}

/** Closes a store while it waits for its place to answer, or for a need. */
async function closeDuringLookUp(harness: StoreHarness, late: "answer" | "need"): Promise<void> {
  // Hint: Node 20 has no `Promise.withResolvers`.
  let arrive = () => {};
  const promise = new Promise<void>((resolve) => arrive = resolve);
  const before = await harness.leases?.() ?? 0;
  await harness.put(secrets());
  const observed = new Observed({ arrival: late === "answer" ? promise : undefined });
  const fixture = new Fixture(harness, {}, { observed });
  if (late === "need") fixture.needed.arrival = promise;
  const found = fixture.resolver.find(KEY).catch(() => {});
  try {
    const asked = late === "answer" ? observed.requests : fixture.needed.asked;
    expect(await becomes(harness, () => observed.pending === 0 || asked.length > 0), "the look-up to begin");
    if (!observed.hasClose) return;
    await fixture.close(STALL_TIMEOUT_MS);
  } finally {
    arrive();
  }
  expect(await becomes(harness, () => observed.pending === 0), "a look-up to end if the store is closed meanwhile");
  await found;
  expect(!observed.threw, "a look-up not to throw if the store is closed meanwhile");
  if (!harness.leases || runs.get(harness)!.cannot.includes("leases")) return;
  const isEnded = await becomes(harness, async () => await harness.leases!() <= before);
  expect(isEnded, "what arrives after close() to be ended by the store itself: remember that it was closed");
}
