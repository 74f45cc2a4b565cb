import { createResolver, unavailable } from "../../../mod.ts";
import { shiftedClock } from "../../support/tokens/shifted_clock.ts";
import { KEY, mintingChain } from "../chains.ts";
import { awaited, type Contender, type Contest } from "../measure.ts";
import { gather, type Load, loadNothing } from "../peers.ts";
import { awsFailing, type FailingPeer, lruFailing, type Renewing } from "../peers/failing.ts";
import { VALUES } from "../values.ts";

/** How long after it was obtained a token of an hour is in its renewal window, and still valid. */
const INTO_WINDOW_MS = 50 * 60_000;

/** Resolves a token in its renewal window many times, one after another, while its source is down. */
export async function outage(calls: number, load?: Load): Promise<Contest> {
  const named = (name: string, peer: FailingPeer) => (load: Load) =>
    Promise.resolve({ [name]: contend(peer, calls, load) });
  return {
    single: true,
    floor: contend(handWritten, calls),
    subject: contend(ours, calls),
    peers: await gather(load, named("lru-cache fetch", lruFailing), named("AWS memoize", awsFailing)),
  };
}

const ours: FailingPeer = async (_, request) => {
  const clock = shiftedClock();
  const minting = mintingChain(() => request() ? unavailable("down") : undefined);
  const resolver = createResolver(minting, { clock });
  const held = await resolver.resolve(KEY);
  clock.shift(INTO_WINDOW_MS);
  return { held, ask: () => resolver.resolve(KEY) };
};

/** What is written by hand: after a failure the source is not asked for a minute. */
const handWritten: FailingPeer = (_, request) => {
  let pausedUntil = 0;
  return Promise.resolve({
    held: VALUES,
    ask: async () => {
      if (Date.now() >= pausedUntil && request()) pausedUntil = Date.now() + 60_000;
      return await VALUES;
    },
  });
};

/** Each time with a cache of its own, which got its token before the source went down. */
function contend(peer: FailingPeer, calls: number, load?: Load): Contender {
  let down = false;
  let requests = 0;
  let failures = 0;
  let source: Renewing;
  const prepare = async () => {
    down = false;
    source = await peer(load ?? loadNothing, () => {
      requests++;
      return down;
    });
    [down, requests, failures] = [true, 0, 0];
  };
  const run = async () => {
    const given: unknown[] = [];
    for (let call = 0; call < calls; call++) {
      try {
        given.push(await source.ask());
      } catch {
        failures++;
        given.push(source.held);
      }
    }
    return given;
  };
  return { ...awaited(run), prepare, cost: () => ({ requests, failures }) };
}
