// Hint: some realms (Node 20's `vm`, and with it the edge runtime there) lack both symbols.
/** `Symbol.dispose`, also where the realm lacks it. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
/** `Symbol.asyncDispose`, also where the realm lacks it. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

/** Something that undoes itself once. */
export function disposable(undo: () => void): Disposable {
  let done = false;
  return {
    [dispose]: () => {
      if (!done) undo();
      done = true;
    },
  } as Disposable;
}
