import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Need } from "../../core/source/answer.ts";
import type { Attempt } from "../../core/source/attempt.ts";
import { type Call, logLater, type StorePlan } from "../../core/source/source.ts";
import type { TokenGeneration } from "../../core/source/token_generation.ts";
import { EngineCalls } from "../client/engine_calls.ts";
import type { EngineClient } from "../client/engine_client.ts";
import { base64, bytesOf, type EntryKeys, entryKeys } from "../entry/entry_keys.ts";
import { FailureAge } from "../entry/failure_age.ts";
import { identityOf } from "../entry/identity.ts";
import { KnownTokens } from "./known_tokens.ts";
import { readSeal } from "../entry/read_seal.ts";
import { ShareRun } from "./share_run.ts";
import { type Mint, type Naming, SharedAttempt } from "./shared_attempt.ts";
import { Heartbeats } from "../entry/heartbeats.ts";
import type { RequestContext, StoreContext } from "./sharing_context.ts";

/** What sharing for one request uses from the sharing of its store. */
export interface StoreSharingContext extends StoreContext {
  readonly client: EngineClient;
  readonly options: StorePlan["options"];
  readonly principal: unknown;
  readonly sealKey: string;
}

/** How the token of one request is shared. */
export class RequestSharing implements RequestContext {
  readonly store: StoreSharingContext;
  readonly held: () => TokenGeneration | undefined;
  readonly known = new KnownTokens();
  heartbeats = new Heartbeats();
  failures = new FailureAge();
  /** The last keys, and the digest of what they were derived from: the secrets themselves are not kept. */
  #named: { readonly digest: string; readonly keys: EntryKeys } | undefined;
  readonly #request: unknown;
  /** Why it cannot be named, as it was logged. */
  #told: string | undefined;

  constructor(store: StoreSharingContext, request: unknown, held: () => TokenGeneration | undefined) {
    this.store = store;
    this.held = held;
    this.#request = request;
  }

  /** The name of its entry. */
  get name(): string | undefined {
    return this.#named?.keys.name;
  }

  /** Obtains the token; never rejects. */
  async obtain<T>(attempt: Attempt<T>, mint: Mint<T>, call: Call): Promise<Attempt<T>> {
    this.known.noteRefusal(this.held());
    // Hint: if the runtime lacks what naming needs, each machine asks for itself.
    const naming = await this.#naming(attempt, call).catch(() =>
      this.#unnamed("the runtime cannot derive a name", call)
    );
    if (isRefusal(naming)) return new SharedAttempt(this, attempt, mint, call).refuse(naming);
    const shared = new SharedAttempt(this, attempt, mint, call, naming);
    if (!naming) return await shared.alone();
    const calls = new EngineCalls(this.store.client, call);
    try {
      return await new ShareRun(shared, naming, calls).end();
    } catch {
      // Hint: whatever fails here, the server is still asked once, as it would be without sharing.
      return await shared.alone();
    } finally {
      calls.end();
    }
  }

  /**
   * Returns the naming of the token, a refusal if the token cannot be obtained, or `undefined` if it cannot be shared
   * now.
   */
  async #naming<T>(attempt: Attempt<T>, call: Call): Promise<Naming | Refusal | undefined> {
    const { deps, sealKey } = this.store;
    const needs = await this.#resolve(attempt);
    if (isRefusal(needs)) return needs;
    const seal = await deps.resolveNeed(sealKey, call);
    // Hint: `invalid`, since a seal that is denied says nothing about the held token.
    if (isRefusal(seal)) {
      return seal.outcome === "unavailable" ? this.#unnamed(seal.detail, call) : invalid(seal.detail);
    }
    const bytes = readSeal(seal.credential as never);
    if (isRefusal(bytes)) return bytes;
    const { plan: store, options, principal } = this.store;
    const identity = identityOf({ store, options, request: this.#request, principal, needs }, deps);
    if (identity === undefined) return this.#unnamed("what the token is obtained with is not data", call);
    const keys = await this.#keysOf(bytes, identity);
    this.#told = undefined;
    return { keys, seal };
  }

  /** Logs, once, why the token cannot be shared now. */
  #unnamed(detail: string, call: Call): undefined {
    const { deps: { ambient }, plan: { name: store } } = this.store;
    if (detail === this.#told) return;
    this.#told = detail;
    logLater(call, ambient, { type: "share", store, detail: `${detail}: tokens are obtained alone` });
  }

  async #keysOf(seal: Uint8Array<ArrayBuffer>, identity: string): Promise<EntryKeys> {
    const digest = base64(
      new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(`${base64(seal)} ${identity}`))),
    );
    const known = this.#named;
    if (known?.digest === digest) return known.keys;
    const keys = await entryKeys(seal, identity);
    this.#named = { digest, keys };
    this.heartbeats = new Heartbeats();
    this.failures = new FailureAge();
    return keys;
  }

  /** Resolves what the store needs, by the name of its option. */
  async #resolve<T>(attempt: Attempt<T>): Promise<ReadonlyMap<string, Need> | Refusal> {
    const { plan: { needs }, options } = this.store;
    const found = new Map<string, Need>();
    try {
      for (const name of needs) {
        const key = options[name];
        if (!attempt.needs.some((need) => need.key === key)) await attempt.need(name);
        found.set(name, attempt.needs.find((need) => need.key === key)!);
      }
    } catch (refusal) {
      if (isRefusal(refusal)) return refusal;
      throw refusal;
    }
    return found;
  }
}
