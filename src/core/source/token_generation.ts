import type { Token } from "../chain/shape.ts";
import type { TokenContext, TokenReason } from "../chain/store_spec.ts";
import { type Generation, hasDegraded, type Need, type PassOn } from "./answer.ts";
import { withNeedsBefore } from "./binding.ts";
import { type Expiry, type Lifespan, refusalPause, renewsAt, state } from "./freshness.ts";
import type { SharedNotes } from "./shared_notes.ts";

/** Why a store is asked for a token, and the one that is held. */
type Why = Pick<TokenContext, "reason" | "previous">;

/** Why it is asked if no token is held. */
export const FIRST: Why = { reason: "first", previous: undefined };

/** What a renewal takes over from the token before it. */
export type Renewed = Pick<Generation, "degraded" | "obtainedWith"> & { readonly needs: readonly Need[] };

/** One generation of a token. */
export class TokenGeneration implements Generation, Lifespan {
  // Hint: `declare`, since bundles would otherwise initialise fields that the constructor sets.
  declare readonly values: Readonly<Record<string, unknown>>;
  declare readonly request: unknown;
  declare readonly since: number;
  declare expiresAt: number;
  declare readonly advisoryWindow: number | undefined;
  declare readonly recheck: number | undefined;
  declare stated: boolean;
  /** When it would end by itself. */
  readonly ownExpiresAt: number;
  endsWith: string | undefined;
  declare degraded: boolean;
  declare readonly obtainedWith: readonly Need[];
  /** The same needs as they are now: some may have been rotated since. */
  declare needs: readonly Need[];
  declare readonly how: Generation["how"];
  declare readonly place: number;
  declare readonly seal: SharedNotes["seal"];
  /** When the engine is asked about it again, while another machine renews it. */
  declare lookAt: number | undefined;
  invalidated = false;
  /** Why its renewal will be asked for. */
  reason: TokenReason = "due";
  /** How many tokens in a row before it were replaced because a service refused them. */
  refusals = 0;
  /** How many in a row before it were replaced before they were due, after a store refused the first of them. */
  replaced = 0;

  constructor(
    values: Readonly<Record<string, unknown>>,
    lifespan: Pick<Generation, "request"> & Lifespan & (Expiry | SharedNotes),
    needs: readonly Need[],
    renewed?: Renewed,
  ) {
    const latest = withNeedsBefore(needs, renewed?.needs);
    this.ownExpiresAt = lifespan.expiresAt;
    Object.assign(this, lifespan, {
      values,
      degraded: hasDegraded(needs) || !!renewed?.degraded && hasDegraded(latest),
      obtainedWith: withNeedsBefore(needs, renewed?.obtainedWith),
      needs: latest,
    });
  }

  /** Why its renewal is asked for. */
  get why(): Why {
    const { reason, values, expiresAt } = this;
    const previous: Token = { values, ...(expiresAt < Infinity ? { expiresAt } : { expires: "never" }) };
    return { reason, previous };
  }

  /** What its renewal takes over, if it is merely due. */
  get renewed(): Renewed | undefined {
    const { reason, degraded, needs, obtainedWith } = this;
    return reason === "due" ? { degraded, needs, obtainedWith } : undefined;
  }

  get renewsAt(): number {
    return renewsAt(this);
  }

  servable(now: number): boolean {
    return ["fresh", "advisory"].includes(state(now, this));
  }

  /** Whether it was refused, and `end` is still to come: the moment when it is due, unless given. */
  wasRefused(now: number, end: number = this.renewsAt): boolean {
    return this.reason === "refused" && now >= this.since && now < end;
  }

  /**
   * Returns until when it is kept although it was refused, because tokens before it were refused too and it is not due.
   */
  keptUntil(now: number): number {
    return this.wasRefused(now) ? Math.min(this.#pauseEnd, this.renewsAt) : 0;
  }

  /**
   * Whether it ends as one more refused token in a row: it was refused, and is not due yet or its pause is not over.
   */
  endsRefused(now: number): boolean {
    return this.wasRefused(now, Math.max(this.#pauseEnd, this.renewsAt));
  }

  get #pauseEnd(): number {
    return this.since + refusalPause(this.refusals);
  }

  isOld(now: number): boolean {
    return now < this.since || now >= this.since + refusalPause(this.replaced);
  }

  endPause(): boolean {
    const { refusals } = this;
    this.replaced = this.refusals = 0;
    return refusals > 0;
  }

  /** Makes it end no later than a need. */
  endWith({ key, credential, generation }: Need): void {
    const { since, ownExpiresAt } = this;
    const { expiresAt = Infinity } = credential!;
    if (expiresAt >= this.expiresAt) return;
    // Hint: a login that is merely older than the lease is not a short one.
    const isShort = ownExpiresAt < Infinity && expiresAt - (generation?.since ?? since) < ownExpiresAt - since;
    Object.assign(this, { expiresAt, stated: true, endsWith: isShort ? key : undefined });
  }

  /** Notes the present state of the needs that it was obtained with. */
  see(needs: readonly Need[]): void {
    this.needs = needs;
    // Hint: a need that is only degraded now does not degrade a token that was obtained before.
    this.degraded &&= hasDegraded(needs);
  }

  /** Marks that a credential that it was obtained with was rotated. */
  rotate(): void {
    this.invalidated = true;
    if (this.reason === "due") this.reason = "need";
    // Hint: those before it were refused with another credential.
    this.refusals = 0;
  }

  invalidate(passOn: PassOn): void {
    if (this.invalidated) return;
    this.invalidated = true;
    this.reason = "refused";
    this.needs.forEach(passOn);
  }
}
