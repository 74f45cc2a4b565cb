import type { Generation, Need } from "./answer.ts";
import { type Lifespan, renewsAt, state } from "./freshness.ts";

/** One generation of a token. */
export class TokenGeneration implements Generation, Lifespan {
  readonly values: Readonly<Record<string, unknown>>;
  readonly since: number;
  readonly expiresAt: number;
  readonly advisoryWindow: number | undefined;
  readonly degraded: boolean;
  needs: readonly Need[];
  invalidated = false;

  constructor(
    values: Readonly<Record<string, unknown>>,
    { since, expiresAt, advisoryWindow }: Lifespan,
    needs: readonly Need[],
  ) {
    this.values = values;
    this.since = since;
    this.expiresAt = expiresAt;
    this.advisoryWindow = advisoryWindow;
    this.degraded = needs.some(({ credential }) => credential.degraded);
    this.needs = needs;
  }

  get renewsAt(): number {
    return renewsAt(this);
  }

  servable(now: number): boolean {
    return ["fresh", "advisory"].includes(state(now, this));
  }

  invalidate(passOn: (credential: object) => void): void {
    if (this.invalidated) return;
    this.invalidated = true;
    for (const { credential } of this.needs) passOn(credential);
  }
}
