import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { ShareDescription } from "../../core/chain/share.ts";
import type { LookUp } from "../../core/source/look_up.ts";
import { sharedLookUp } from "./shared_look_up.ts";
import type { Sharing } from "../../core/source/sharing.ts";
import type { Call, Deps, StorePlan } from "../../core/source/source.ts";
import type { TokenGeneration } from "../../core/source/token_generation.ts";
import { EngineCalls } from "../client/engine_calls.ts";
import { type EngineAccess, EngineClient } from "../client/engine_client.ts";
import { readSeal } from "../entry/read_seal.ts";
import { RequestSharing, type StoreSharingContext } from "./request_sharing.ts";
import type { HeldLease } from "./held_lease.ts";

/** How long a caller waits beyond the store's timeout and the lease. */
export const MARGIN_MS = 500;
/** How many characters of an entry's name are shown. */
const SHOWN = 8;
/** The name that is read to see whether the engine answers. */
const CHECK_NAME = "check";

/** How the tokens of a store are shared. */
export interface ShareSettings {
  readonly engine: string;
  /** The key of the seal. */
  readonly seal: string;
  readonly lease: number;
  readonly access: Omit<EngineAccess, "bound">;
}

/** How one store of a resolver shares its tokens. */
export class StoreSharing implements Sharing, StoreSharingContext {
  readonly plan: StorePlan;
  readonly options: StorePlan["options"];
  readonly deps: Deps;
  readonly client: EngineClient;
  readonly sealKey: string;
  readonly lease: number;
  /** How long all waiting for a token, and obtaining it, may take. */
  readonly bound: number;
  /** The leases that this process has. */
  readonly leases = new Set<HeldLease>();
  minted = 0;
  received = 0;
  readonly #engine: string;
  readonly #requests: RequestSharing[] = [];
  #owner: string | undefined;

  constructor(
    { engine, seal, lease, access }: ShareSettings,
    plan: StorePlan,
    options: StorePlan["options"],
    deps: Deps,
  ) {
    this.plan = plan;
    this.options = options;
    this.deps = deps;
    this.sealKey = seal;
    this.lease = lease;
    this.bound = plan.timeout + lease + MARGIN_MS;
    this.client = new EngineClient(plan.name, { ...access, bound: this.bound }, deps);
    this.#engine = engine;
  }

  /** Identifies this process. */
  // Hint: created lazily, since workerd has no random numbers before the first request.
  get owner(): string {
    return this.#owner ??= crypto.randomUUID();
  }

  /** Who logs in; if the option is a reference, what it refers to. */
  get principal(): unknown {
    return Object(this.options.share).principal;
  }

  lookUp(request: unknown, held: () => TokenGeneration | undefined): LookUp {
    const sharing = new RequestSharing(this, request, held);
    this.#requests.push(sharing);
    return sharedLookUp((attempt, mint, call) => sharing.obtain(attempt, mint, call), this.plan, this.deps);
  }

  async ask(call: Call): Promise<Refusal | undefined> {
    const seal = await this.deps.resolveNeed(this.sealKey, call);
    const bytes = isRefusal(seal) ? seal : readSeal(seal.credential as never);
    if (isRefusal(bytes)) return bytes;
    const calls = new EngineCalls(this.client, call);
    const answer = await calls.get(CHECK_NAME, true);
    calls.end();
    return isRefusal(answer) ? answer : undefined;
  }

  describe(): ShareDescription {
    const { client: { state }, minted, received } = this;
    const names = this.#requests.flatMap(({ name }) => name ?? []);
    const entries = [...new Set(names.map((name) => name.slice(0, SHOWN)))];
    return { engine: this.#engine, ...(state && { state }), entries, minted, received };
  }

  async close(): Promise<void> {
    // Hint: so that the other machines need not wait for the leases to run out.
    await Promise.all([...this.leases].map((lease) => lease.release()));
    await this.client.close();
  }
}
