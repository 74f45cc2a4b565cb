import { callSafely } from "../chain/eventually.ts";
import { disposable } from "./disposable.ts";
import type { HeldCredential } from "./held_credential.ts";

type Listener = (credential: never) => void;

/** The listeners of a resolver. They and the log are called outside every walk, so they may use the resolver. */
export class Listeners {
  readonly #byKey = new Map<string, Set<Listener>>();
  readonly #notices: (() => void)[] = [];

  /** Adds a listener until it is disposed of. */
  add(key: string, listener: Listener): Disposable {
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    // Hint: wrapped, so that a function that is added twice counts as two listeners.
    const mine: Listener = (credential) => listener(credential);
    listeners.add(mine);
    return disposable(() => listeners.delete(mine));
  }

  /** Removes every listener. */
  clear(): void {
    this.#byKey.clear();
  }

  /** Calls the listeners of a credential. */
  notify(credential: HeldCredential): void {
    for (const listener of [...this.#byKey.get(credential.key) ?? []]) {
      // Hint: one listener may remove another.
      if (this.#byKey.get(credential.key)?.has(listener)) callSafely(() => listener(credential as never));
    }
  }

  // Hint: a listener may resolve credentials itself; the notices of that come after the present ones.
  /** Runs the notices of a walk that is over, in order. */
  tell(notices: (() => void)[]): void {
    const isTelling = this.#notices.length > 0;
    this.#notices.push(...notices.splice(0));
    if (isTelling) return;
    for (const next of this.#notices) next();
    this.#notices.length = 0;
  }
}
