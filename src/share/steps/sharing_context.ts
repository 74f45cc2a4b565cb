import type { Deps, StorePlan } from "../../core/source/source.ts";
import type { TokenGeneration } from "../../core/source/token_generation.ts";
import type { FailureAge } from "../entry/failure_age.ts";
import type { KnownTokens } from "./known_tokens.ts";
import type { Heartbeats } from "../entry/heartbeats.ts";
import type { HeldLease } from "./held_lease.ts";

/** What the runs of one store have in common. */
export interface StoreContext {
  readonly plan: StorePlan;
  readonly deps: Deps;
  /** Identifies this process. */
  readonly owner: string;
  readonly lease: number;
  /** How long all waiting for a token, and obtaining it, may take. */
  readonly bound: number;
  /** The leases that this process has. */
  readonly leases: Set<HeldLease>;
  /** How many tokens were obtained from the server, and from other machines. */
  minted: number;
  received: number;
}

/** What the runs for one request have in common. */
export interface RequestContext {
  readonly store: StoreContext;
  readonly known: KnownTokens;
  readonly heartbeats: Heartbeats;
  readonly failures: FailureAge;
  /** Returns the token that is held. */
  readonly held: () => TokenGeneration | undefined;
}
