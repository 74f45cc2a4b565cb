import { type Lifespan, renewsAt, state } from "./freshness.ts";
import type { Needed } from "./renewal.ts";

/** One generation of an answer that expires. */
export class Minted implements Lifespan {
  readonly values: Readonly<Record<string, unknown>>;
  readonly since: number;
  readonly expiresAt: number;
  readonly advisoryWindow: number | undefined;
  /** Whether what it was obtained with was itself no more than second best. */
  readonly degraded: boolean;
  needs: readonly Needed[];
  marked = false;

  constructor(
    values: Readonly<Record<string, unknown>>,
    { since, expiresAt, advisoryWindow }: Lifespan,
    needs: readonly Needed[],
  ) {
    this.values = values;
    this.since = since;
    this.expiresAt = expiresAt;
    this.advisoryWindow = advisoryWindow;
    this.degraded = needs.some(({ credential }) => credential.degraded);
    this.needs = needs;
  }

  /** When its renewal is due. */
  get renewsAt(): number {
    return renewsAt(this);
  }

  /** Whether it serves while somebody else renews it. */
  servable(now: number): boolean {
    return ["fresh", "advisory"].includes(state(now, this));
  }

  /** Marks it as refused by whom it is for, once, with everything that it was obtained with. */
  mark(invalidate: (credential: object) => void): void {
    if (this.marked) return;
    this.marked = true;
    for (const { credential } of this.needs) invalidate(credential);
  }
}
