import type { Credential } from "../core/chain/credential.ts";
import type { CredentialError, CredentialErrorCode } from "../core/chain/errors.ts";
import { callSafely, type MaybePromise } from "../core/chain/eventually.ts";
import type { FileLock } from "../core/chain/host.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { judge } from "../core/engine/judge.ts";
import { onAbort } from "../core/engine/shared_event.ts";
import { announce, rank } from "./announce.ts";
import { Attempts } from "./attempts.ts";
import { draftAt } from "./draft.ts";
import type { Draft } from "./layout.ts";
import { compose, readBack, type Target } from "./target.ts";
import type { WriteCall } from "./write_call.ts";

/** How long to wait for a store to show what was written. */
const SHOWN_MS = 10_000;
/** The errors of a resolver that does not yet see what was written. */
const NOT_SHOWN: readonly CredentialErrorCode[] = ["not_found", "unavailable", "incomplete", "default_forbidden"];

/** A call that mints. */
interface Turn {
  /** Whether it has written: callers that wait for it then wait for the store to show that, and do not mint. */
  hasWritten?: boolean;
}

/** The calls that mint in this process, by resolver and key: callers in one process need no lock to wait for each other. */
const turns = /* @__PURE__ */ new WeakMap<object, Map<string, Turn>>();

/** Where a minted credential is written, and which fields it may consist of. */
interface MintTarget extends Target {
  readonly choices: readonly (readonly string[])[];
}

/** The options of `ensure`. */
interface Options {
  readonly onOrphan?: ((values: never) => MaybePromise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One call of `ensure`. */
export class EnsureCall {
  readonly #call: WriteCall;
  readonly #target: MintTarget;
  readonly #mint: () => MaybePromise<unknown>;
  readonly #options: Options;
  /** The calls that mint with this resolver. */
  readonly #turns: Map<string, Turn>;
  /** The attempts to claim the right to mint. */
  readonly #claims: Attempts;

  constructor(call: WriteCall, target: MintTarget, mint: () => MaybePromise<unknown>, options: Options) {
    this.#turns = turns.get(call.resolver) ?? new Map();
    turns.set(call.resolver, this.#turns);
    this.#call = call;
    this.#target = target;
    this.#mint = mint;
    this.#options = options;
    this.#claims = new Attempts(call, target.source.store.name);
  }

  /** Returns the credential, minted or found. */
  async run(): Promise<Credential> {
    let other: Turn | undefined;
    for (;;) {
      const found = await this.#existing();
      if (found) return found;
      if (other?.hasWritten) return await this.#whenShown();
      this.#options.signal?.throwIfAborted();
      other = this.#turns.get(this.#call.key);
      const minted = other ? undefined : await this.#takeTurn();
      if (minted) return minted;
      await this.#pause();
    }
  }

  /** Returns the credential, if the target or a store above has it. */
  async #existing(): Promise<Credential | undefined> {
    const { plan, access } = this.#call;
    // Hint: this fails with the resolver's own error before anything is minted in vain.
    if (!access.keeps(plan.key)) return await this.#call.resolve();
    const lowest = rank(plan, this.#target.source.store.name);
    const held = access.freshSource(plan.key);
    if (held === undefined || rank(plan, held) > lowest) {
      if (!await this.#anyHas(plan.sources.slice(0, lowest + 1))) return undefined;
      access.renew([plan.key]);
    }
    const credential = await this.#call.resolve();
    return rank(plan, credential.source) <= lowest ? credential : undefined;
  }

  async #anyHas(sources: WriteCall["plan"]["sources"]): Promise<boolean> {
    const { plan, access } = this.#call;
    for (const source of sources) {
      if (!source.mapsIdentity) continue;
      const { outcome, detail, missing } = judge(plan, source, await access.ask(source));
      if (outcome === "hit") return true;
      if (outcome === "miss" || outcome === "off") continue;
      const reason = `"${source.store.name}" is ${outcome}${detail ? `: ${detail}` : ""}`;
      throw this.#call.error(
        outcome,
        `${reason}; nothing was minted, because this store may have the credential`,
        missing,
      );
    }
    return false;
  }

  /**
   * Mints, unless another process does; returns the credential, or `undefined` while that process has not written it.
   */
  async #takeTurn(): Promise<Credential | undefined> {
    const turn: Turn = {};
    this.#turns.set(this.#call.key, turn);
    try {
      const found = await this.#mintLocked(turn);
      return turn.hasWritten ? await this.#whenShown() : found;
    } finally {
      this.#turns.delete(this.#call.key);
    }
  }

  async #mintLocked(turn: Turn): Promise<Credential | undefined> {
    const lock = await this.#lock();
    if (!lock) return undefined;
    try {
      // Hint: another process may have written it before it released the lock.
      const found = await this.#existing();
      if (found) return found;
      await this.#checkPlace();
      await this.#commit(await this.#mint());
      turn.hasWritten = true;
    } finally {
      // Hint: a lock that is not released lapses; failing here would lose what was minted, or the error.
      callSafely(() => lock.release());
    }
  }

  // Hint: minting again would be wrong, however long a store takes to show what it accepted.
  /** Returns what this call or another writer wrote, as soon as the resolver sees it. */
  async #whenShown(): Promise<Credential> {
    const { access: { ambient: { clock } }, plan } = this.#call;
    const { name } = this.#target.source.store;
    const end = clock.now() + SHOWN_MS;
    for (;;) {
      await announce(this.#call, this.#target);
      const credential = await this.#call.resolve().catch((error: CredentialError) => {
        if (!NOT_SHOWN.includes(error.code)) throw error;
      });
      if (credential && rank(plan, credential.source) <= rank(plan, name)) return credential;
      if (clock.now() >= end) break;
      await this.#pause();
    }
    const reason =
      `it was written to "${name}", which does not show it yet: look for it again later, before another is minted`;
    throw this.#call.error("unavailable", reason);
  }

  /** Fails if the contents of the target have no place for an identity, since what is minted would then be lost. */
  async #checkPlace(): Promise<void> {
    const { medium, layout, choices, source } = this.#target;
    const before = await medium.read();
    if (isRefusal(before)) throw this.#call.refused(source, before);
    const possible = choices.filter((fields) => layout.obstacle(fields) === undefined);
    const probes = possible.map((fields) => Object.fromEntries(fields.map((field) => [field, ""])));
    const composed = probes.map((probe) => layout.compose(before.value, layout.draft(probe)));
    if (composed.every(isRefusal)) throw this.#call.refused(source, composed[0]!);
  }

  async #lock(): Promise<FileLock | undefined> {
    const lock = await this.#target.medium.lock();
    if (isRefusal(lock)) throw this.#call.refused(this.#target.source, lock);
    if (lock === false) await this.#claims.lost();
    return lock || undefined;
  }

  /** Writes what was minted; if that fails or is not needed, the values are orphans. */
  async #commit(values: unknown): Promise<void> {
    let isUsed = false;
    try {
      const given = this.#call.presentMembers(values);
      isUsed = await this.#write(draftAt(this.#call, this.#target, given));
    } finally {
      if (!isUsed && values !== undefined && values !== null) await this.#giveUp(values);
    }
  }

  async #giveUp(values: unknown): Promise<void> {
    try {
      await this.#options.onOrphan?.(values as never);
    } catch { /* the application's own: the credential that is there, or the error, is what its caller must get */ }
  }

  /**
   * Writes what was minted, unless the credential is there by now; returns whether what is there is what was minted.
   */
  async #write(draft: Draft): Promise<boolean> {
    const { medium, source } = this.#target;
    const attempts = new Attempts(this.#call, source.store.name);
    for (;;) {
      const before = await medium.read();
      if (isRefusal(before)) throw this.#call.refused(source, before);
      const after = compose(this.#call, this.#target, before.value, draft);
      if (before.value && this.#has(before.value)) return JSON.stringify(before.value) === JSON.stringify(after);
      const written = await medium.replace(before, after, { exclusive: true });
      if (isRefusal(written)) throw this.#call.refused(source, written);
      if (written) return true;
      await attempts.lost();
    }
  }

  #has(contents: object): boolean {
    const { plan } = this.#call;
    const reading = readBack(this.#target.source, contents);
    if (reading.outcome !== "found") return isRefusal(reading);
    return plan.fields.some(({ identity }, at) => identity && reading.values[at] !== undefined);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#options;
    const { ambient } = this.#call.access;
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const cancel = ambient.clock.after(this.#target.medium.pollMs, () => {
        stopListening?.();
        resolve();
      });
      const stopListening = signal && onAbort(signal, () => {
        stopListening?.();
        cancel();
        reject(signal.reason);
      }, ambient);
    });
  }
}
