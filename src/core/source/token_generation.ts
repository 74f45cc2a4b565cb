import type { Token } from "../chain/shape.ts";
import type { TokenContext, TokenReason } from "../chain/store_spec.ts";
import { type Generation, hasDegraded, type Need, type PassOn } from "./answer.ts";
import { withNeedsBefore } from "./binding.ts";
import { type Expiry, type Lifespan, refusalPause, renewsAt, state } from "./freshness.ts";
import type { SharedNotes } from "./shared_notes.ts";

/** Why a store is asked for a token, and the one that is held. */
type Why = Pick<TokenContext, "reason" | "previous">;

/** Why it is asked where none is held. */
export const FIRST: Why = { reason: "first", previous: undefined };

/** What a renewal takes over from the token before it. */
export type Renewed = Pick<Generation, "degraded" | "obtainedWith"> & { readonly needs: readonly Need[] };

/** One generation of a token. */
export class TokenGeneration implements Generation, Lifespan {
  // Hint: only declared, since bundles would initialise them, and the constructor sets each.
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
  /** The same as they are now: some may have been rotated since. */
  declare needs: readonly Need[];
  declare readonly how: Generation["how"];
  declare readonly place: number;
  declare readonly seal: SharedNotes["seal"];
  /** When it is looked at again, while another machine renews it. */
  declare lookAt: number | undefined;
  invalidated = false;
  /** Why its renewal will be asked for. */
  reason: TokenReason = "due";
  /** How many tokens in a row before it were replaced because a service refused them. */
  refusals = 0;
  /** How many in a row before it were replaced before they were due, since a store refused the first of them. */
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

  /** What its renewal takes over, where it is due. */
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

  /** Whether it was refused; before it is due, unless another end is given. */
  wasRefused(now: number, end: number = this.renewsAt): boolean {
    return this.reason === "refused" && now >= this.since && now < end;
  }

  /** Returns until when it is kept although it was refused: tokens before it were refused too, and it is not due. */
  keptUntil(now: number): number {
    return this.wasRefused(now) ? Math.min(this.#pauseEnd, this.renewsAt) : 0;
  }

  /** Whether the row of refused tokens goes on after it: it is replaced since it was refused, or its pause is not over. */
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

  /** Lets it end no later than a need. */
  endWith({ key, credential, generation }: Need): void {
    const { since, ownExpiresAt } = this;
    const { expiresAt = Infinity } = credential!;
    if (expiresAt >= this.expiresAt) return;
    // Hint: a login that is merely older than the lease is not a short one.
    const isShort = ownExpiresAt < Infinity && expiresAt - (generation?.since ?? since) < ownExpiresAt - since;
    Object.assign(this, { expiresAt, stated: true, endsWith: isShort ? key : undefined });
  }

  /** Notes what it was obtained with as it is now. */
  see(needs: readonly Need[]): void {
    this.needs = needs;
    // Hint: a need that is only degraded now does not degrade a token that was obtained before.
    this.degraded &&= hasDegraded(needs);
  }

  /** Marks that a credential with which it was obtained was rotated. */
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
