import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { until } from "../fixtures/until.ts";
import type { EngineEntry, SceneEngine } from "./engine.ts";
import type { Fleet } from "./fleet.ts";
import { EVERYBODY, exactly, passes, type Scene } from "./scene.ts";
import { oneToken } from "./together.ts";

/** What happens if somebody has access to the engine, but not to the seal. */
export const forgedScenes: Readonly<Record<string, Scene>> = {
  "flipped bit": {
    name: "an entry of which a bit was flipped is never served, and is replaced by the next token",
    requests: exactly(5),
    run: async (fleet, engine) => {
      const tokens = new Set([oneToken(await fleet.resolve(), EVERYBODY)]);
      await fleet.mark();
      for (const place of [0, 0.1, 0.5, 0.9, 1]) {
        const entry = await onlyEntry(engine);
        await engine.put({ ...entry, text: flipped(entry.text, place) });
        await fleet.open();
        tokens.add(oneToken(await fleet.resolve(), EVERYBODY));
      }
      assertEquals(tokens.size, 6, "Expected another token after each flipped bit");
      await fleet.open();
      assert(tokens.has(oneToken(await fleet.resolve(), EVERYBODY)), "Expected the last token to be shared");
    },
  },
  "another's entry": {
    name: "the entry of another identity is never served under this one's name",
    requests: exactly(1),
    run: async (fleet, engine) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      const entry = await onlyEntry(engine);
      await fleet.open(() => ({ resource: "urn:alphaswarm:trino" }));
      const other = oneToken(await fleet.resolve(), EVERYBODY);
      const otherEntry = (await engine.entries()).find(({ name }) => name !== entry.name)!;
      await fleet.mark();
      await engine.put({ name: otherEntry.name, text: entry.text });
      await fleet.open(() => ({ resource: "urn:alphaswarm:trino" }));
      const healed = oneToken(await fleet.resolve(), EVERYBODY);
      assertEquals([healed === first, healed === other], [false, false], "Expected a token of its own");
      await fleet.open();
      assertEquals(oneToken(await fleet.resolve(), EVERYBODY), first);
    },
  },
  "forged lease": {
    name: "a lease that was made up or put back holds nobody up for longer than one",
    requests: exactly(2),
    run: async (fleet, engine) => {
      const lease = await recordLease(fleet, engine);
      await fleet.mark();
      const random = crypto.getRandomValues(new Uint8Array(300));
      await engine.put({ ...lease, text: `1.${random.toBase64()}` });
      await fleet.open();
      const made = await fleet.resolve();
      oneToken(made, EVERYBODY);
      assert(made.ms < 9_000, `Expected no wait for a made-up lease, found ${made.ms} ms`);
      await engine.put(lease);
      await fleet.open();
      const replayed = await fleet.resolve();
      oneToken(replayed, EVERYBODY);
      assert(replayed.ms < 18_000, `Expected a wait of one lease at most, found ${replayed.ms} ms`);
    },
  },
  "replayed generation": {
    name: "a token that somebody puts back is never given to a machine with a newer one, nor past its end",
    requests: exactly(2),
    run: async (fleet, engine) => {
      // Hint: renewed from 10 s on; one that has less than 5 s left is not received.
      await fleet.setLifetime(20);
      const began = performance.now();
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      const old = await onlyEntry(engine);
      const second = oneToken(await fleet.resolve({ refused: true }), EVERYBODY);
      await fleet.mark();
      await fleet.setLifetime(3_600);
      await engine.put(old);
      const third = await until("a renewal", async () => {
        const { tokens, failures } = await fleet.resolve({ callers: 100 });
        assertEquals(failures, {});
        assertEquals(tokens[first], undefined, "Expected the replayed token to be given to nobody");
        return tokens[second] === undefined ? Object.keys(tokens) : undefined;
      });
      assertEquals(third.length, 1, "Expected one token after the renewal");
      assertEquals(await fleet.requests(), 1, "requests for the renewal");
      await passes(began + 20_000 - performance.now());
      await engine.put(old);
      await fleet.open();
      const last = await fleet.resolve();
      assertNotEquals(oneToken(last, EVERYBODY), first);
      assert(last.end! > Date.now() + 3_000_000, "Expected a token that lives for an hour");
    },
  },
};

async function onlyEntry(engine: SceneEngine): Promise<EngineEntry> {
  const entries = await engine.entries();
  assertEquals(entries.length, 1, "entries in the engine");
  return entries[0]!;
}

/** Returns the entry while a machine obtains the first token, and lets it obtain that. */
async function recordLease(fleet: Fleet, engine: SceneEngine): Promise<EngineEntry> {
  await fleet.oidc.hold();
  const answers = fleet.resolve();
  await fleet.asking(1);
  const lease = await onlyEntry(engine);
  await fleet.oidc.release();
  oneToken(await answers, EVERYBODY);
  return lease;
}

/** Flips one bit of the sealed bytes, at a place between the first (0) and the last (1); in the version if there is one. */
function flipped(text: string, place: number): string {
  const at = Math.round(place * (text.length - 1));
  const code = text.charCodeAt(at);
  return text.slice(0, at) + String.fromCharCode(code ^ 1) + text.slice(at + 1);
}
