// Hint: some realms lack both symbols: Node 20's `vm`, and with it the edge runtime.
const dispose: typeof Symbol.dispose = /* @__PURE__ */ symbolOf("dispose") as typeof Symbol.dispose;
/** `Symbol.asyncDispose`, even if the realm lacks it. */
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
