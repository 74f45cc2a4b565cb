import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Attempt } from "../../core/source/attempt.ts";
import { isData } from "../../core/source/data.ts";
import { decide, type HeldToken } from "../entry/decide.ts";
import type { Entry } from "../entry/entry.ts";
import type { Look } from "../client/entry_register.ts";
import { isNamedByValue } from "../entry/identity.ts";
import type { Minted, SharedAttempt } from "./shared_attempt.ts";
import type { StoreContext } from "./sharing_context.ts";
import type { HeldLease } from "./held_lease.ts";
import { fail, release, renew } from "../entry/transitions.ts";

/** The longest that taking a lease may take. */
const MAX_LEASE_SWAP_MS = 4_000;

/**
 * Takes the lease, obtains a token, and writes it for the other machines.
 *
 * @returns What it obtained; `undefined` if another machine was faster, or took over while this one obtained nothing.
 */
export async function lead<T>(
  shared: SharedAttempt<T>,
  own: HeldLease,
  look: Look,
  held: HeldToken | undefined,
): Promise<Attempt<T> | undefined> {
  const { store } = shared.sharing;
  const { clock } = store.deps.ambient;
  const taken = await own.begin(look);
  if (taken === false) return undefined;
  if (isRefusal(taken)) return await shared.alone();
  store.leases.add(own);
  try {
    const began = clock.now();
    // Hint: a clock that is set meanwhile does not tell how much time passed.
    const now = look.now + Math.min(Math.max(0, began - look.answered), MAX_LEASE_SWAP_MS);
    const minted = await shared.mint(false);
    const ended = now + Math.min(Math.max(0, clock.now() - began), store.bound);
    return await publish(shared, own, minted, { held, began, beganAt: now, endedAt: ended });
  } finally {
    // Hint: it has already ended, unless something unexpected failed.
    await own.release();
    store.leases.delete(own);
  }
}

/** When a token was obtained: by this machine's clock, and by the engine's. */
interface Times {
  readonly held: HeldToken | undefined;
  readonly began: number;
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Writes what was obtained for the other machines, as far as it concerns them. */
async function publish<T>(
  shared: SharedAttempt<T>,
  own: HeldLease,
  minted: Minted<T>,
  { held, began, beganAt, endedAt }: Times,
): Promise<Attempt<T> | undefined> {
  const { attempt, token } = minted;
  const { answer } = attempt;
  // Hint: while this machine was suspended, another one has probably obtained the token.
  if (attempt.suspended) {
    shared.forget();
    await own.release();
    return undefined;
  }
  const { store, known } = shared.sharing;
  // Hint: others may have a different login under this name, so this one is replaced once before they are told.
  const isOwn = isRefusal(answer) && refusesOwnLogin(answer, attempt, store);
  if (isRefusal(answer) && isForAll(answer, attempt) && !(isOwn && known.excuse())) {
    const { need: _, ...others } = answer;
    const told = isOwn ? others : answer;
    const ended = await own.end((entry) => fail(entry, told, store.owner, endedAt));
    if (own.lost) return undefined;
    const { owner, lease, bound } = store;
    const next = decide(own.entry, { owner, held, silentFor: 0, lease, bound, random: 0 }, endedAt);
    // Hint: another machine should try next.
    if (ended === true && next.do === "fail") attempt.answer = { ...answer, retryAfter: next.after };
    return attempt;
  }
  if (!token || !isData(token.values)) {
    // Hint: once the server has no token, the entry's must not be adopted again.
    await own.end(answer === undefined ? () => ({}) : release);
    return isRefusal(answer) && own.lost ? undefined : shared.own(minted);
  }
  const { since, expiresAt, stated, values } = token;
  const lifetime = expiresAt === Infinity ? null : expiresAt - since;
  const fresh = { values, lifetime, stated, since: Math.min(beganAt + Math.max(0, since - began), endedAt) };
  let renewed: Entry = {};
  const ended = await own.end((entry) => renewed = renew(entry, held, fresh));
  if (ended === true) return shared.own(minted, "minted", renewed.token);
  // Hint: without an answer, the entry may be there after all, and must not count as another machine's.
  return shared.own(minted, "alone", isRefusal(ended) ? renewed.token : undefined);
}

/** Whether a failure counts for every machine: the issuer itself refused, or does not answer. */
function isForAll<T>({ outcome, issued }: Refusal, { needs }: Attempt<T>): boolean {
  return issued === true || outcome === "unavailable" && needs.every(({ credential }) => credential);
}

/**
 * Whether a refusal is about a login whose values are not in the token's name: a token itself, or given to this
 * machine.
 */
function refusesOwnLogin<T>(
  { need }: Refusal,
  { needs }: Attempt<T>,
  { plan: { options }, deps }: StoreContext,
): boolean {
  const login = needs.find(({ key, credential }) => credential && need !== undefined && key === options[need]);
  return !!login && !isNamedByValue(login, deps);
}
