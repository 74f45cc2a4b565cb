import type { Context } from "hono";
import type { CredentialErrorCode } from "../core/chain/errors.ts";
import type { Clock } from "../core/chain/host.ts";
import { POLL_MS } from "../core/chain/limits.ts";
import { access } from "../core/engine/access.ts";
import type { FindOptions, KeyOf, Resolver } from "../core/engine/resolver.ts";
import { warm, type WarmFailure } from "../core/engine/warm.ts";
import type { Authenticate } from "./auth.ts";
import { problem } from "./problem.ts";

/** How often the needed credentials are resolved, at most. */
const INTERVAL_MS = 1_000;
/** How long a probe waits: Kubernetes gives up after 1 s, unless told otherwise. */
const BUDGET_MS = 800;

/** A needed credential that is not held or has expired. */
interface NotReady {
  readonly key: string;
  readonly code: CredentialErrorCode;
}

/** One resolve of everything that is needed, which probes share. */
interface Round {
  readonly since: number;
  readonly ended: Promise<void>;
  /** What failed, once it has ended. */
  readonly failed: readonly WarmFailure[] | undefined;
}

/**
 * Creates the handler of `GET /ready`: 200 while every needed credential is held and has not expired. Only authenticated
 * requests get the keys.
 */
export function ready<C>(
  resolver: Resolver<C>,
  needed: readonly KeyOf<C>[] | undefined,
  authenticate: Authenticate,
): (c: Context) => Response | Promise<Response> {
  if (!needed) {
    const detail = "Expected needed in the options of this route: the keys of the credentials that it is ready with";
    return (c) => problem(c, 404, detail);
  }
  const notReady = readiness(resolver, needed);
  const { clock } = access(resolver).ambient;
  return async (c) => {
    const [missing, authenticated] = await Promise.all([
      notReady((promise) => c.executionCtx.waitUntil(promise)),
      withinBudget(clock, authenticate(c)),
    ]);
    const showsKeys = authenticated === "allowed";
    if (missing.length === 0) return c.json({ status: "ok", ...(showsKeys && { needed }) });
    const keys = missing.map(({ key }) => key);
    const detail = "A needed credential is not held or has expired";
    return problem(c, 503, detail, {}, showsKeys ? { needed, missing: keys, failed: missing } : {});
  };
}

/** Creates a function that resolves what is needed, at most once a second, and returns what is not held then. */
function readiness<C>(
  resolver: Resolver<C>,
  needed: readonly KeyOf<C>[],
): (waitUntil: FindOptions["waitUntil"]) => Promise<readonly NotReady[]> {
  const { clock, requestBound } = access(resolver).ambient;
  const begin = (since: number, waitUntil: FindOptions["waitUntil"]): Round => {
    const round: { -readonly [K in keyof Round]: Round[K] } = {
      since,
      failed: undefined,
      ended: warm(resolver, needed, { budget: BUDGET_MS, waitUntil }).then((failed) => void (round.failed = failed)),
    };
    return round;
  };
  let latest: Round | undefined;
  return async (waitUntil) => {
    const now = clock.now();
    const isRecent = latest && now >= latest.since && now < latest.since + INTERVAL_MS;
    const round = isRecent ? latest! : latest = begin(now, waitUntil);
    // Hint: on workerd a promise belongs to the request that made it, and may never settle for others.
    await (isRecent && requestBound ? poll(clock, round) : round.ended);
    const { failed } = round;
    // Hint: what is held now counts, since other callers resolve too, and an expiry must not go unnoticed until the
    // next round.
    return needed.filter((key) => resolver.peek(key) === undefined).map((key) => {
      return { key, code: failed?.find((each) => each.key === key)?.error.code ?? "unavailable" };
    });
  };
}

/** Polls until a round that another request began has ended. */
async function poll(clock: Clock, round: Round): Promise<void> {
  const age = () => clock.now() - round.since;
  // Hint: a Worker's clock may stand still.
  for (let waited = age(); waited < BUDGET_MS && !round.failed; waited = Math.max(waited + POLL_MS, age())) {
    await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
  }
}

/** Returns what a promise resolves to, or `undefined` if that takes longer than a probe waits. */
function withinBudget<T>(clock: Clock, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(BUDGET_MS, () => resolve(undefined));
    promise.then(resolve, reject).finally(cancel);
  });
}
