import { assert, assertEquals } from "@std/assert";
import { until } from "../fixtures/until.ts";
import type { Fleet } from "./fleet.ts";
import type { Answers } from "./machine.ts";
import { EVERYBODY, exactly, passes, type Scene } from "./scene.ts";
import { anyToken, oneToken, together } from "./together.ts";

/** Longer than the interval at which a mounted secret is read again. */
const REREAD_MS = 1_200;
/** A lease of 10 s without a heartbeat, and what a busy machine takes beside. */
const LEASE_ENDS_MS = 40_000;

/** What happens if a machine or the engine breaks. */
export const brokenScenes: Readonly<Record<string, Scene>> = {
  "owner killed": {
    name: "a machine that is killed while it obtains the token for all costs one more request, and no call",
    requests: exactly(2),
    run: async (fleet) => {
      const { owner, others, answers } = await withOwner(fleet);
      await fleet.kill(owner);
      await until("another machine to ask", async () => await fleet.requests() >= 2 || undefined, LEASE_ENDS_MS);
      await fleet.oidc.release();
      oneToken(together(await Promise.all(others.map((machine) => answers[machine]!))), EVERYBODY / 8 * 7);
      await fleet.open(undefined, [owner]);
      oneToken(await fleet.resolve(), EVERYBODY);
    },
  },
  "owner killed renewing": {
    name: "a machine that is killed while it renews the token costs one more request, and no call",
    requests: exactly(2),
    run: async (fleet) => {
      // Hint: renewed from 10 s on, and by everybody from 15 s on.
      await fleet.setLifetime(20);
      oneToken(await fleet.resolve(), EVERYBODY);
      // Hint: those that start now have asked nothing yet.
      await fleet.open();
      oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      await fleet.oidc.hold();
      await fleet.setLifetime(3_600);
      const waves: Promise<Answers>[] = [];
      const [owner] = await until("a renewal", async () => {
        waves.push(fleet.resolve({ callers: 100 }));
        await passes(250);
        return await fleet.requests() > 0 ? await fleet.asking(1) : undefined;
      });
      for (const wave of waves) wave.catch(() => {});
      await fleet.kill(owner!);
      const others = fleet.machines.filter((machine) => machine !== owner);
      const later: Promise<Answers>[] = [];
      await until("another machine to ask", async () => {
        later.push(fleet.resolve({ callers: 100 }, others));
        await passes(250);
        return await fleet.requests() >= 2 || undefined;
      }, LEASE_ENDS_MS);
      await fleet.oidc.release();
      anyToken(together(await Promise.all(later)), later.length * 7 * 100);
      await until("the renewed token", async () => {
        const { tokens } = await fleet.resolve({ callers: 100 }, others);
        return Object.keys(tokens).length === 1 || undefined;
      });
    },
  },
  "owner stopped": {
    name: "a machine that sleeps beyond its lease changes nothing when it wakes up",
    requests: exactly(2),
    run: async (fleet, engine) => {
      const { owner, others, answers } = await withOwner(fleet);
      fleet.signal(owner, "SIGSTOP");
      await until("another machine to ask", async () => await fleet.requests() >= 2 || undefined, LEASE_ENDS_MS);
      await fleet.oidc.release();
      const token = oneToken(
        together(await Promise.all(others.map((machine) => answers[machine]!))),
        EVERYBODY / 8 * 7,
      );
      const entries = await engine.entries();
      fleet.signal(owner, "SIGCONT");
      anyToken(await answers[owner]!, EVERYBODY / 8);
      assertEquals(await engine.entries(), entries, "the entry after the owner woke up");
      assertEquals(oneToken(await fleet.resolve({}, others), EVERYBODY / 8 * 7), token);
      await fleet.open(undefined, others);
      assertEquals(oneToken(await fleet.resolve({}, others), EVERYBODY / 8 * 7), token);
    },
  },
  "engine killed": {
    name: "an engine that dies over a renewal fails no call, and each machine asks at most once",
    requests: { least: 1, most: 8 },
    run: async (fleet, engine) => {
      // Hint: renewed from 10 s on, and by everybody from 15 s on.
      await fleet.setLifetime(20);
      oneToken(await fleet.resolve(), EVERYBODY);
      const began = performance.now();
      await fleet.mark();
      await engine.kill();
      // Hint: those that were obtained from then on are not renewed within the scene.
      await fleet.setLifetime(3_600);
      const waves: Promise<Answers>[] = [];
      while (performance.now() < began + 18_000) {
        waves.push(fleet.resolve({ callers: 200 }));
        await passes(250);
      }
      anyToken(together(await Promise.all(waves)), waves.length * 8 * 200);
      await passes(began + 20_000 - performance.now());
      anyToken(await fleet.resolve(), EVERYBODY);
      const requests = await fleet.requests();
      await engine.start();
      await untilShared(fleet);
      return requests;
    },
  },
  "engine killed midway": {
    name: "an engine that dies while a token is obtained fails no call, and each machine asks at most once",
    requests: { least: 1, most: 8 },
    run: async (fleet, engine) => {
      const { answers } = await withOwner(fleet);
      await engine.kill();
      await fleet.oidc.release();
      anyToken(together(await Promise.all(answers)), EVERYBODY);
      const requests = await fleet.requests();
      await engine.start();
      await untilShared(fleet);
      return requests;
    },
  },
  "engine hung": {
    name: "an engine that hangs fails no call, and each machine asks once",
    requests: exactly(8),
    run: async (fleet, engine) => {
      await engine.pause();
      const answers = await fleet.resolve();
      await engine.resume();
      assertEquals([anyToken(answers, EVERYBODY).length, answers.how], [8, { alone: EVERYBODY }]);
      const requests = await fleet.requests();
      await untilShared(fleet);
      return requests;
    },
  },
  "emptied": {
    name: "an engine that is emptied under load costs one more request",
    requests: exactly(2),
    run: async (fleet, engine) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      for (let wave = 0; wave < 5; wave++) {
        const [answers] = await Promise.all([fleet.resolve(), engine.clear()]);
        assertEquals(oneToken(answers, EVERYBODY), first);
      }
      assertEquals(await fleet.requests(), 0, "requests of warm machines");
      await fleet.open();
      const { answers } = await withOwner(fleet);
      await engine.clear();
      await until("another machine to ask", async () => await fleet.requests() >= 2 || undefined, LEASE_ENDS_MS);
      await fleet.oidc.release();
      assert(anyToken(together(await Promise.all(answers)), EVERYBODY).length <= 2);
    },
  },
  "restarted empty": {
    name: "an engine that comes back empty costs nothing while tokens are held, and is used again",
    requests: exactly(1),
    run: async (fleet, engine) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      await engine.kill();
      assertEquals(oneToken(await fleet.resolve(), EVERYBODY), first);
      await engine.start();
      assertEquals(oneToken(await fleet.resolve(), EVERYBODY), first);
      assertEquals(await fleet.requests(), 0, "requests of warm machines");
      oneToken(await fleet.resolve({ refused: true }), EVERYBODY);
    },
  },
  "connections cut": {
    name: "connections to the engine that were cut while nobody used them cost nothing",
    requests: exactly(1),
    run: async (fleet, engine) => {
      oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      await engine.cut();
      const answers = await fleet.resolve({ refused: true });
      oneToken(answers, EVERYBODY);
      assertEquals(answers.how.alone, undefined, "callers of a machine that went on alone");
    },
  },
  "password rotated": {
    name: "an engine whose password is rotated is reached with the new one, at no request",
    requests: exactly(1),
    run: async (fleet, engine) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      const password = `fake-${crypto.randomUUID()}`;
      await engine.rotate(password);
      await fleet.write({ password });
      await passes(REREAD_MS);
      const half = fleet.machines.slice(0, 4);
      await fleet.open(undefined, half);
      assertEquals(oneToken(await fleet.resolve(), EVERYBODY), first);
      assertEquals(await fleet.requests(), 0, "requests after the rotation");
      oneToken(await fleet.resolve({ refused: true }), EVERYBODY);
    },
  },
};

/** Has all callers resolve, and waits until one machine has asked the OAuth server, which does not answer yet. */
async function withOwner(fleet: Fleet) {
  await fleet.oidc.hold();
  const answers = fleet.machines.map((machine) => fleet.resolve({}, [machine]));
  // Hint: the calls of a machine that is killed have no answers.
  for (const answer of answers) answer.catch(() => {});
  const [owner] = await fleet.asking(1);
  return { owner: owner!, others: fleet.machines.filter((machine) => machine !== owner), answers };
}

/** Waits until the machines share again: one request then replaces the token of all machines, which were all refused. */
async function untilShared(fleet: Fleet): Promise<void> {
  const before = await fleet.requests();
  // Hint: an engine that was away is not asked for up to five seconds.
  await passes(5_500);
  oneToken(await fleet.resolve({ refused: true }), EVERYBODY);
  assertEquals(await fleet.requests() - before, 1, "requests where all were refused, after the engine was back");
}
