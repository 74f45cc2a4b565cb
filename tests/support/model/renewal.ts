import { isAnother, type Need, unmet, wasReplaced } from "./answer.ts";
import type { Call } from "./call.ts";
import type { StoreDecl } from "./declaration.ts";
import { endsRefused, endWithNeeds, type Generation, goodUntil, keptUntil, type Reason, rotate } from "./generation.ts";
import { ask, type Attempt, lookUp, type LookUpMemory } from "./look_up.ts";
import { isRefusal, type Refusal } from "./reading.ts";
import type { Flight, Task } from "./tasks.ts";
import { backoffUntil, DAY, pauseOf, pauseUntil, stateAt } from "./windows.ts";
import type { SaidToken } from "./world.ts";

/** What is known of the token of one store and request. */
export interface TokenState extends LookUpMemory {
  held?: Generation | undefined;
  flight?: Flight<Obtained> | undefined;
  pause?: { since: number; until: number; refusal: Refusal; needs?: readonly Need[] | undefined } | undefined;
  /** How many denials there were in a row. */
  denials: number;
  /** How many failures there were in a row with nothing held. */
  failures: number;
  /** How many pauses there were in a row with nothing good held. */
  pauses: number;
}

/** How many failures in a row are not followed by a pause if nothing is held. */
const FREE_FAILURES = 2;

/** A token, or why there is none. */
export interface Obtained {
  readonly generation?: Generation | undefined;
  readonly refusal?: Refusal | undefined;
  readonly until: number;
  readonly needs?: readonly Need[] | undefined;
}

/** One request of a token store. */
export interface Request {
  readonly store: StoreDecl;
  readonly resource: string;
  readonly state: TokenState;
}

const NEED_EXPIRED: Refusal = { outcome: "unavailable", detail: "the credential that it ends with has expired" };
const REFUSED_AGAIN: Refusal = { outcome: "unavailable", detail: "the token was refused again after its renewal" };

/** Gives the token of a request, after a renewal if one is due. */
export function* obtain(call: Call, request: Request): Task<Obtained> {
  const { state } = request;
  const paused = pausedAnswer(call, state);
  if (paused) {
    const { refusal, needs } = state.pause!;
    if (refusal.outcome !== "denied" || !(yield* findAnother(call, needs))) return paused;
    end(state);
  }
  const needs = yield* lookAtNeeds(call, request.store, state.held);
  if ("refusal" in needs) return recordFailure(call, request, needs.refusal, [unmet(needs.key)]);
  return yield* serve(call, request, needs[0]);
}

/** Ends a pause, and with it the row of failures. */
function end(state: TokenState): void {
  state.pause = undefined;
  state.failures = state.pauses = state.denials = 0;
}

/** What a failure left, while its pause lasts. */
export function pausedAnswer({ tasks }: Call, state: TokenState): Obtained | undefined {
  const now = tasks.timers.now();
  const { pause } = state;
  if (!pause) return;
  if (now >= pause.since && now < pause.until) return afterFailure(now, state, pause.refusal, pause.until, pause.needs);
  state.pause = undefined;
}

/** Whether one of these needs is another credential by now. */
function* findAnother(call: Call, needs: readonly Need[] = []): Task<boolean> {
  for (const need of needs) {
    const now = yield* call.resolveNeed(need.key);
    if (!("outcome" in now) && isAnother(now, need)) return true;
  }
  return false;
}

/** A need that was rotated marks the token; one that can't be met is given back. */
function* lookAtNeeds(
  call: Call,
  store: StoreDecl,
  held?: Generation,
): Task<readonly Need[] | { key: string; refusal: Refusal }> {
  const seen: Need[] = [];
  for (const need of held?.needs ?? []) {
    const now = yield* call.resolveNeed(need.key);
    if ("outcome" in now) return { key: need.key, refusal: now };
    if (wasReplaced(store, now, need)) rotate(held!);
    seen.push(now);
  }
  if (!held) return seen;
  held.needs = seen;
  held.degraded &&= seen.some(({ credential }) => credential?.degraded);
  endWithNeeds(store, held);
  return seen;
}

function* serve(call: Call, request: Request, need: Need | undefined): Task<Obtained> {
  const { state } = request;
  const { held } = state;
  const now = call.tasks.timers.now();
  const freshness = held && stateAt(now, held);
  if (freshness === "fresh") return { generation: held, until: goodUntil(held!) };
  const kept = held ? keptUntil(now, held) : 0;
  if (now < kept) return { generation: held, refusal: REFUSED_AGAIN, until: Math.min(kept, need?.until ?? Infinity) };
  const isBusy = call.tasks.isBusy(state.flight);
  if (isBusy && freshness === "advisory") return { generation: held, until: 0 };
  if (!isBusy) state.flight = call.tasks.start(renew(call, request, true, need));
  return yield* call.tasks.join(state.flight!);
}

function* renew(call: Call, request: Request, mayRepeat: boolean, need?: Need): Task<Obtained> {
  const { store, state, resource } = request;
  const { timers } = call.tasks;
  const { held } = state;
  let kept: readonly Need[] = [];
  let wasDegraded = false;
  const attempt: Attempt<Obtained & { outcome: string; said?: unknown }> = function* (resolved) {
    const isReplaced = (need: Need) => {
      const latest = call.latestNeed(need.key);
      return latest && wasReplaced(store, latest, need);
    };
    if (held?.needs.some(isReplaced)) rotate(held);
    const why: Reason = held?.reason ?? "first";
    const reason = `${why} ${held?.values.t_u}`;
    const isAlone = store.renewsAlone === true && why === "due";
    kept = isAlone ? held!.needs : [];
    wasDegraded = isAlone && held!.degraded;
    const outward = { store, what: resource, reason, left: store.timeout, resolved, isAlone };
    const { said, needs, spent } = yield* ask(call, outward);
    if (isRefusal(said)) return { answer: said, needs, spent };
    return { answer: { outcome: said.outcome, until: 0, said: (said as { value: unknown }).value }, needs, spent };
  };
  const { answer, needs, began } = yield* lookUp(call, store, state, attempt, need);
  if (isRefusal(answer as Refusal)) {
    if (answer.outcome === "denied" && state.held) state.held.invalidated = true;
    return recordFailure(call, request, answer as Refusal, needs);
  }
  if (answer.outcome === "nothing") {
    state.held = undefined;
    end(state);
    return { until: timers.now() + store.recheck };
  }
  const { values, ...says } = (answer as { said: SaidToken }).said;
  const lifespan = lifespanOf(store, began, timers.now(), says);
  if ("outcome" in lifespan) return recordFailure(call, request, lifespan);
  const degraded = [...needs, ...wasDegraded ? kept : []].some(({ credential }) => credential?.degraded);
  return yield* keep(call, request, { values, degraded, ...lifespan }, [...needs, ...kept], mayRepeat);
}

/** When a token expires that says how many seconds it is good. */
function lifespanOf(
  { defaultLifetime = 300_000 }: StoreDecl,
  since: number,
  now: number,
  { expiresIn, expiresAt: when }: Omit<SaidToken, "values">,
): Refusal | Pick<Generation, "since" | "expiresAt" | "isStated"> {
  const isDigits = typeof expiresIn === "string" && /^\d+$/.test(expiresIn);
  const seconds = isDigits ? Number(expiresIn) : typeof expiresIn === "number" ? expiresIn : NaN;
  const stated = when ?? (expiresIn === undefined ? undefined : since + seconds * 1_000);
  const expiresAt = stated ?? since + defaultLifetime;
  if (!Number.isFinite(expiresAt) || expiresAt < since) {
    return { outcome: "invalid", detail: "the expiry of the token" };
  }
  if (expiresAt <= now) return { outcome: "unavailable", detail: "expire" };
  return {
    since,
    expiresAt: Math.min(expiresAt, since + DAY),
    isStated: stated !== undefined && stated <= since + DAY,
  };
}

function* keep(
  call: Call,
  request: Request,
  token: Pick<Generation, "values" | "degraded" | "since" | "expiresAt" | "isStated">,
  needs: readonly Need[],
  mayRepeat: boolean,
): Task<Obtained> {
  const { store, state } = request;
  const before = state.held;
  const refusals = before && endsRefused(token.since, before) ? before.refusals + 1 : 0;
  const fresh: Generation = {
    ...token,
    advisoryWindow: store.advisoryWindow,
    needs: needs.filter(({ credential }) => credential),
    invalidated: false,
    reason: "due",
    refusals,
    replaced: before && before.reason !== "due" ? before.replaced + 1 : 0,
  };
  endWithNeeds(store, fresh);
  if (fresh.expiresAt <= call.tasks.timers.now()) return recordFailure(call, request, NEED_EXPIRED);
  if (before) before.invalidated = true;
  state.held = fresh;
  end(state);
  call.log({ type: "renewed", store: store.name });
  const isLatest = (need: Need) => {
    const latest = call.latestNeed(need.key);
    return latest !== undefined && latest.until > 0 && !wasReplaced(store, latest, need);
  };
  if (!fresh.needs.every(isLatest)) {
    const looked = yield* lookAtNeeds(call, store, fresh);
    if ("refusal" in looked) return recordFailure(call, request, looked.refusal, [unmet(looked.key)]);
  }
  if (fresh.invalidated && mayRepeat) return yield* renew(call, request, false);
  return { generation: fresh, until: goodUntil(fresh) };
}

function recordFailure(call: Call, { state }: Request, refusal: Refusal, needs?: readonly Need[]): Obtained {
  const { held } = state;
  const now = call.tasks.timers.now();
  const { random } = call.decl;
  const { outcome, retryAfter } = refusal;
  const isGood = held && now < held.expiresAt && held.reason !== "refused";
  const isNeed = needs?.some(({ credential }) => !credential);
  let until: number | undefined;
  // Hint: if a need cannot be met, the store itself was not asked, and has not failed.
  if (outcome === "denied") {
    until = now + pauseOf(random, state.denials++);
  } else if (held && isNeed && outcome === "invalid") {
    until = now + pauseOf(random);
  } else if (isGood) {
    until = backoffUntil(now, random, held, retryAfter);
  } else if (!isNeed && (held || ++state.failures > FREE_FAILURES || refusal.timeout || retryAfter)) {
    until = pauseUntil(now, random, state.pauses++, retryAfter);
  }
  state.pause = until === undefined ? undefined : { since: now, until, refusal, needs };
  return afterFailure(now, state, refusal, until ?? Infinity, needs);
}

function afterFailure(
  now: number,
  { held }: TokenState,
  refusal: Refusal,
  until: number,
  needs?: readonly Need[],
): Obtained {
  if (!held || refusal.outcome === "denied") return { refusal, until, needs };
  const isExpired = now >= held.expiresAt;
  if (refusal.outcome === "invalid" && isExpired) return { refusal, until, needs };
  return { generation: held, refusal, until: isExpired ? until : Math.min(until, held.expiresAt) };
}
