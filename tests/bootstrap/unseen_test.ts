import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { answer, createResolver, defineChain, defineStore, document, required, unavailable } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { type TestClock, testClock } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";

/** What a stand-in for a store does that shows a change only after a while. */
interface Behaviour {
  /** After how many milliseconds it shows a change; never unless set. */
  readonly lag?: number;
  /** Whether its look-up and its write give promises. */
  readonly later?: boolean;
  /** What its write gives. */
  readonly written?: (after: object) => unknown;
  /** Whether it has versions. */
  readonly versions?: boolean;
}

/** Whether what is written is a claim, which is an empty document. */
function isClaim(after: object): boolean {
  return Object.keys(after).length === 0;
}

/** Creates a resolver of one credential in such a store, and a mint that counts and must not be called too often. */
function lagging({ lag, later = false, written = () => undefined, versions = false }: Behaviour) {
  const clock = testClock();
  const kept = {
    shown: undefined as object | undefined,
    refusal: undefined as object | undefined,
    claims: 0,
    writes: 0,
    minted: 0,
  };
  const give = <T>(value: T) => (later ? Promise.resolve(value) : value) as T;
  const own = defineStore({
    kind: "lagging",
    shape: document,
    local: true,
    recheck: 0,
    open: () => () => {
      if (kept.refusal) return give(kept.refusal) as never;
      return give(versions ? answer(kept.shown, { version: 1 }) : kept.shown) as never;
    },
    write: () => ({ after }) => {
      if (isClaim(after)) kept.claims++;
      else kept.writes++;
      if (lag !== undefined) clock.after(lag, () => kept.shown = after);
      return give(written(after)) as never;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { own: "secret" } } },
  });
  const resolver = createResolver(chain, { clock, random: () => 1 });
  const mint = () => {
    // Hint: where nothing else ends it, since a loop without a pause would never come back to the test.
    if (++kept.minted > 10) Deno.exit(1);
    return { key: `not-a-secret-${kept.minted}` };
  };
  return { clock, kept, resolver, mint };
}

/** Advances a clock until a call has ended, for a minute at most; returns how long that took. */
async function advanceUntilEnd(clock: TestClock, call: Promise<unknown>): Promise<number> {
  let ended = false;
  const end = () => ended = true;
  call.then(end, end);
  const since = clock.now();
  for (let turn = 0; !ended && turn < 600; turn++) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert(ended, "the call had not ended after a minute");
  return clock.now() - since;
}

for (const later of [false, true]) {
  const kind = later ? "asynchronous" : "synchronous";
  Deno.test(`ensure() mints once where a store shows a change only after a while (${kind})`, async () => {
    const { clock, kept, resolver, mint } = lagging({ lag: 3_000, later });
    const ensuring = ensure(resolver, "a:b", mint);
    const ms = await advanceUntilEnd(clock, ensuring);
    assertEquals([(await ensuring).get("key"), kept.minted, kept.writes], ["not-a-secret-1", 1, 1]);
    assert(ms >= 3_000 && ms < 4_000, `it ended after ${ms} ms`);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`ensure() mints once where a store never shows what it accepted, and says where it was written (${kind})`, async () => {
    const { clock, kept, resolver, mint } = lagging({ later });
    const orphans: unknown[] = [];
    const calls = [1, 2, 3].map(() =>
      rejection(ensure(resolver, "a:b", mint, { onOrphan: (v) => void orphans.push(v) }))
    );
    const ms = await advanceUntilEnd(clock, Promise.all(calls));
    assert(ms >= 10_000 && ms < 12_000, `it ended after ${ms} ms`);
    for (const { code, message } of await Promise.all(calls)) {
      assertEquals([code, message], [
        "unavailable",
        'Cannot ensure "a:b": it was written to "own", which does not show it yet: look for it again later, before another is minted',
      ]);
      assertNotMatch(message, /not-a-secret/);
    }
    assertEquals([kept.minted, kept.writes, orphans, clock.timers], [1, 1, [], 0]);
  });
}

Deno.test("ensure() mints once where its store is down for a while after the write", async () => {
  const { clock, kept, resolver, mint } = lagging({
    lag: 0,
    written: (after) => {
      if (!isClaim(after)) kept.refusal = unavailable("down");
    },
  });
  clock.after(4_000, () => kept.refusal = undefined);
  const ensuring = ensure(resolver, "a:b", mint);
  await advanceUntilEnd(clock, ensuring);
  assertEquals([(await ensuring).get("key"), kept.minted], ["not-a-secret-1", 1]);
});

Deno.test("ensure() mints nothing again where another process was quicker and the store hides that again", async () => {
  const { clock, kept, resolver, mint } = lagging({
    written: (after) => {
      if (isClaim(after)) return true;
      kept.shown = { key: "theirs" };
      clock.after(2_000, () => kept.shown = { key: "theirs" });
      return false;
    },
  });
  const orphans: unknown[] = [];
  const onOrphan = (values: unknown) => {
    orphans.push(values);
    kept.shown = undefined;
  };
  const ensuring = ensure(resolver, "a:b", mint, { onOrphan });
  await advanceUntilEnd(clock, ensuring);
  assertEquals([(await ensuring).get("key"), kept.minted, orphans.length], ["theirs", 1, 1]);
});

Deno.test("a signal ends the wait for a store to show what was written, and who waits besides mints nothing then", async () => {
  const { clock, kept, resolver, mint } = lagging({});
  const ending = new AbortController();
  clock.after(1_000, () => ending.abort(new Error("enough")));
  const failed = ensure(resolver, "a:b", mint, { signal: ending.signal }).catch((error) => error);
  const other = rejection(ensure(resolver, "a:b", mint));
  await advanceUntilEnd(clock, failed);
  await advanceUntilEnd(clock, other);
  assertEquals([(await failed).message, (await other).code], ["enough", "unavailable"]);
  assertEquals([kept.minted, kept.writes, clock.timers], [1, 1, 0]);
});

for (const versions of [false, true]) {
  Deno.test(`ensure() and persist() give up where another writer always comes first (versions: ${versions})`, async () => {
    const { clock, kept, resolver, mint } = lagging({ versions, written: () => false });
    const orphans: unknown[] = [];
    const ensured = rejection(ensure(resolver, "a:b", mint, { onOrphan: (values) => void orphans.push(values) }));
    await advanceUntilEnd(clock, ensured);
    // A claim comes before the mint, so nothing was minted in vain.
    assertEquals([kept.claims, kept.minted, orphans.length], [50, 0, 0]);
    const persisted = rejection(persist(resolver, "a:b", { key: "not-a-secret" }));
    await advanceUntilEnd(clock, persisted);
    for (const { code, message } of [await ensured, await persisted]) {
      assertEquals([code, message.replace(/.*: o/, "o")], [
        "unavailable",
        'other writers kept changing "own": try again',
      ]);
    }
  });
}

Deno.test("ensure() gives up what it minted where another writer always comes before its write", async () => {
  const { clock, kept, resolver, mint } = lagging({ written: (after) => isClaim(after) });
  const orphans: unknown[] = [];
  const ensured = rejection(ensure(resolver, "a:b", mint, { onOrphan: (values) => void orphans.push(values) }));
  await advanceUntilEnd(clock, ensured);
  assertEquals([(await ensured).code, kept.minted, kept.writes, orphans], [
    "unavailable",
    1,
    50,
    [{ key: "not-a-secret-1" }],
  ]);
});
