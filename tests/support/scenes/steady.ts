import { assert, assertEquals } from "@std/assert";
import { until } from "../fixtures/until.ts";
import { EVERYBODY, exactly, passes, type Scene } from "./scene.ts";
import { randomKey } from "./fleet.ts";
import { anyToken, oneToken } from "./together.ts";

/** Longer than the interval at which a mounted secret is read again. */
const REREAD_MS = 1_200;

/** What happens if everything works. */
export const steadyScenes: Readonly<Record<string, Scene>> = {
  "cold": {
    name: "a fleet that starts at once obtains one token",
    requests: exactly(1),
    run: async (fleet) => {
      const answers = await fleet.resolve();
      oneToken(answers, EVERYBODY);
      assertEquals(answers.how, { minted: EVERYBODY / 8, received: EVERYBODY / 8 * 7 });
      const { minted, received } = (await fleet.states()).reduce(
        (sum, { share }) => ({ minted: sum.minted + share!.minted, received: sum.received + share!.received }),
        { minted: 0, received: 0 },
      );
      assertEquals([minted, received], [1, 7]);
    },
  },
  "refused": {
    name: "a token that everybody was refused with is replaced once",
    requests: exactly(1),
    run: async (fleet) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      const second = oneToken(await fleet.resolve({ refused: true }), EVERYBODY);
      assertEquals(first === second, false, "Expected another token than the refused one");
    },
  },
  "renewed": {
    name: "a fleet under load renews its token by one request each time, and gives nobody an expired one",
    // Hint: renewed after 6 to 9 of its 12 s.
    requests: { least: 4, most: 6 },
    run: async (fleet) => {
      await fleet.setLifetime(12);
      const ends = performance.now() + 30_000;
      const tokens = new Set<string>();
      while (performance.now() < ends) {
        const answers = await fleet.resolve({ callers: 200 });
        for (const token of anyToken(answers, 8 * 200)) tokens.add(token);
        assertEquals(answers.degraded, 0);
        assert(answers.end! > Date.now() - answers.ms, "Expected no expired token");
        await passes(200);
      }
      assertEquals(tokens.size, await fleet.requests(), "tokens, of which each was obtained for all");
    },
  },
  "clocks off": {
    name: "machines whose clocks are off by up to three hours share a token, which lives equally long on each",
    requests: exactly(1),
    run: async (fleet) => {
      const minutes = [0, 55 / 60, -55 / 60, 20, -20, 60, -180, 180];
      await fleet.open((machine) => ({ ahead: minutes[machine]! * 60_000 }));
      const began = Date.now();
      const each = await fleet.resolveEach();
      const took = Date.now() - began;
      const tokens = new Set(each.map((answers) => oneToken(answers, EVERYBODY / 8)));
      assertEquals(tokens.size, 1);
      for (const { end } of each) {
        const isRight = end! <= began + took + 3_600_000 && end! >= began + 3_600_000 - took - 1_000;
        assertEquals(isRight, true, `Expected an end an hour after the start, found ${end! - began} ms after it`);
      }
    },
  },
  "seal rotated": {
    name: "a seal that is rotated costs one token",
    requests: exactly(1),
    run: async (fleet) => {
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      await fleet.write({ key: randomKey() });
      await passes(REREAD_MS);
      const second = oneToken(await fleet.resolve(), EVERYBODY);
      assertEquals(first === second, false, "Expected a token under the new seal");
    },
  },
  "half rotated": {
    name: "half a fleet with a rotated secret is never given a token of the old one, nor the other way round",
    requests: exactly(2),
    run: async (fleet) => {
      const { clientId } = fleet.oidc.clients.basic;
      const [behind, ahead] = [fleet.machines.slice(0, 4), fleet.machines.slice(4)];
      const first = oneToken(await fleet.resolve(), EVERYBODY);
      const rotated = `fake ${crypto.randomUUID()}/+:%`;
      await fleet.oidc.rotateSecret(clientId, rotated);
      await fleet.write({ client_secret: rotated }, ahead);
      await passes(REREAD_MS);
      const [kept, renewed] = await Promise.all([fleet.resolve({}, behind), fleet.resolve({}, ahead)]);
      assertEquals(oneToken(kept, EVERYBODY / 2), first);
      const second = oneToken(renewed, EVERYBODY / 2);
      assertEquals(first === second, false, "Expected a token of the rotated secret");
      // Hint: the old half starts again, and has the old secret still.
      await fleet.open(undefined, behind);
      assertEquals(oneToken(await fleet.resolve({}, behind), EVERYBODY / 2), first);
    },
  },
  "wrong secret": {
    name: "a fleet with a wrong secret asks once, and once more as soon as the secret is corrected",
    requests: exactly(2),
    run: async (fleet) => {
      const { clientSecret } = fleet.oidc.clients.basic;
      await fleet.write({ client_secret: "fake-wrong" });
      await fleet.open();
      const { tokens, failures } = await fleet.resolve();
      assertEquals([tokens, Object.values(failures)], [{}, [EVERYBODY]]);
      assertEquals(await fleet.requests(), 1, "requests with the wrong secret");
      await fleet.write({ client_secret: clientSecret });
      await passes(REREAD_MS);
      oneToken(await fleet.resolve(), EVERYBODY);
    },
  },
  "503 with Retry-After": {
    name: "a server that asks to wait is asked once by the whole fleet",
    requests: exactly(1),
    run: async (fleet) => {
      await fleet.oidc.failNext(1_000, { status: 503, headers: { "retry-after": "20" } });
      const ends = performance.now() + 5_500;
      for (let wave = 0; wave < 4 || performance.now() < ends; wave++) {
        const { tokens, failures } = await fleet.resolve();
        assertEquals(tokens, {});
        assertEquals(Object.values(failures).reduce((sum, count) => sum + count), EVERYBODY);
        if (performance.now() > ends) break;
        await passes(300);
      }
      assertEquals(await fleet.requests(), 1, "requests before the end of Retry-After");
      await fleet.oidc.failNext(0, { status: 503 });
      await until("the server's token", async () => {
        const { failures } = await fleet.resolve({ callers: 1 });
        return Object.keys(failures).length === 0 || undefined;
      }, 60_000);
      assertEquals(await fleet.requests(), 2, "requests after the end of Retry-After");
      oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      await fleet.oidc.failNext(1_000, { status: 503, headers: { "retry-after": "30" } });
      // Hint: a refused token is replaced once; the newest is given meanwhile.
      await fleet.resolve({ refused: true });
    },
  },
  "one refuses all": {
    name: "a machine that refuses every token obtains a few in a minute, and disturbs no other",
    requests: exactly(4),
    run: async (fleet) => {
      const [broken, ...others] = fleet.machines;
      oneToken(await fleet.resolve(), EVERYBODY);
      await fleet.mark();
      let isOver = false;
      const breaking = fleet.refuse(broken!, { ms: 60_000, every: 50 }).finally(() => isOver = true);
      const seen = new Set<string>();
      while (!isOver) {
        const { failures, degraded, tokens } = await fleet.resolve({ callers: 100 }, others);
        assertEquals([failures, degraded], [{}, 0]);
        for (const token of Object.keys(tokens)) seen.add(token);
        await passes(500);
      }
      const { tokens, failures } = await breaking;
      assertEquals(failures, {});
      // Hint: at once, then after 5 s, 15 s and 35 s.
      assertEquals([Object.keys(tokens).length, seen.size], [4, 1]);
    },
  },
};
