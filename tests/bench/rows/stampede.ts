import { createResolver } from "../../../mod.ts";
import { shiftedClock } from "../../support/tokens/shifted_clock.ts";
import { KEY, mintingChain } from "../chains.ts";
import { awaited, type Contender, type Contest } from "../measure.ts";
import { gather, type Load, loadNothing } from "../peers.ts";
import {
  awsToken,
  azureToken,
  googleToken,
  lruToken,
  pMemoizeToken,
  type TokenPeer,
  type TokenSource,
} from "../peers/tokens.ts";
import { VALUES } from "../values.ts";

/** The duration of a token request. */
const REQUEST_MS = 50;
const TWO_HOURS_MS = 7_200_000;

/** Resolves an expired token for many concurrent callers. The floor is one request. */
export async function stampede(callers: number, load?: Load): Promise<Contest> {
  return {
    ...await ours(callers),
    peers: await gather(
      load,
      named("AWS memoize", awsToken, callers),
      named("p-memoize", pMemoizeToken, callers),
      named("lru-cache fetch", lruToken, callers),
      named("Google auth", googleToken, callers),
      named("Azure chain", azureToken, callers),
    ),
  };
}

/** The same with one signal that all callers pass. The peers are those that take one. */
export async function stampedeWithSignal(callers: number, load?: Load): Promise<Contest> {
  const { signal } = new AbortController();
  return {
    ...await ours(callers, signal),
    peers: await gather(
      load,
      named("lru-cache fetch", lruToken, callers, signal),
      named("Azure chain", azureToken, callers, signal),
    ),
  };
}

async function ours(callers: number, signal?: AbortSignal) {
  const subject: TokenPeer = (_, request) => {
    const clock = shiftedClock();
    const resolver = createResolver(mintingChain(request), { clock });
    return Promise.resolve({
      ask: (signal) => resolver.resolve(KEY, signal && { signal }),
      expire: () => clock.shift(TWO_HOURS_MS),
    });
  };
  return {
    single: true,
    floor: awaited(oneRequest, () => VALUES),
    subject: await contend(subject, callers, signal),
  };
}

function named(name: string, peer: TokenPeer, callers: number, signal?: AbortSignal) {
  return async (load: Load) => ({ [name]: await contend(peer, callers, signal, load) });
}

async function contend(
  peer: TokenPeer,
  callers: number,
  signal?: AbortSignal,
  load: Load = loadNothing,
): Promise<Contender> {
  let requests = 0;
  const source: TokenSource = await peer(load, () => {
    requests++;
    return oneRequest();
  });
  const prepare = () => {
    source.expire();
    requests = 0;
  };
  const run = () => Promise.all(Array.from({ length: callers }, () => source.ask(signal)));
  return { ...awaited(run), prepare, cost: () => ({ requests }) };
}

function oneRequest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REQUEST_MS));
}
