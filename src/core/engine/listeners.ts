import type { Ambient } from "../chain/host.ts";
import { disposable } from "./disposable.ts";
import type { HeldCredential } from "./held_credential.ts";

type Listener = (credential: never) => void;

/** The listeners of one resolver, by credential. */
export class Listeners {
  readonly #log: Ambient["log"];
  readonly #byKey = new Map<string, Set<Listener>>();

  constructor(log: Ambient["log"]) {
    this.#log = log;
  }

  /** Adds a listener until it is disposed of. */
  add(key: string, listener: Listener): Disposable {
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    // Hint: a wrapper, so that a function that is added twice is two listeners.
    const mine = (credential: never) => listener(credential);
    listeners.add(mine);
    return disposable(() => listeners.delete(mine));
  }

  /** Notifies the listeners of a new credential. */
  tell(credential: HeldCredential): void {
    this.#log({ type: "changed", key: credential.key, store: credential.source });
    for (const listener of [...this.#byKey.get(credential.key) ?? []]) {
      try {
        listener(credential as never);
      } catch {
        // Hint: a listener's fault is its own, and must not fail the resolve that told it.
      }
    }
  }

  /** Removes every listener. */
  clear(): void {
    this.#byKey.clear();
  }
}
