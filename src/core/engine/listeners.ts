import { disposable } from "./disposable.ts";
import type { HeldCredential } from "./held_credential.ts";

type Listener = (credential: never) => void;

/** The listeners of one resolver, by credential. */
export type Listeners = Map<string, Set<Listener>>;

/** Adds a listener until it is disposed of. */
export function addListener(all: Listeners, key: string, listener: Listener): Disposable {
  const listeners = all.get(key) ?? new Set();
  all.set(key, listeners);
  // Hint: a wrapper, so that a function that is added twice is two listeners.
  const mine: Listener = (credential) => listener(credential);
  listeners.add(mine);
  return disposable(() => listeners.delete(mine));
}

/** Notifies the listeners of a new credential. */
export function notify(all: Listeners, credential: HeldCredential): void {
  for (const listener of [...all.get(credential.key) ?? []]) {
    try {
      listener(credential as never);
    } catch {
      // Hint: a listener's fault is its own, and must not fail the resolve that told it.
    }
  }
}
