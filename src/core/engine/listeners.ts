import type { Ambient } from "../chain/host.ts";
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

  /** Tells the listeners of a credential that it is a new one. */
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

// Hint: some realms (Node 20's `vm`, and with it the edge runtime there) lack both symbols.
const dispose: typeof Symbol.dispose = /* @__PURE__ */ symbolOf("dispose") as typeof Symbol.dispose;
/** `Symbol.asyncDispose`, also where the realm lacks it. */
export const asyncDispose: typeof Symbol.asyncDispose = /* @__PURE__ */ symbolOf(
  "asyncDispose",
) as typeof Symbol.asyncDispose;

function symbolOf(name: "dispose" | "asyncDispose"): symbol {
  return Symbol[name] ?? Symbol.for(`Symbol.${name}`);
}

/** Returns something that undoes itself, once. */
export function disposable(undo: () => void): Disposable {
  let done = false;
  return {
    [dispose]: () => {
      if (!done) undo();
      done = true;
    },
  } as Disposable;
}
