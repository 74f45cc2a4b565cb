/** The global names of the runtimes. */
interface Globals {
  readonly Deno?: Partial<typeof Deno>;
  readonly process?: {
    readonly env?: Record<string, string | undefined>;
    readonly platform?: string;
    readonly getBuiltinModule?: (name: string) => unknown;
    readonly cwd?: () => string;
    readonly kill?: (id: number, signal: string) => unknown;
  };
  readonly navigator?: { readonly userAgent?: string };
}

// Hint: the edge runtime of Next.js has a `process` whose members throw, except for `env`.
/** Looks at the runtime's globals; returns `undefined` if that throws. */
export function lookAt<T>(look: (globals: Globals) => T): T | undefined {
  try {
    return look(globalThis as Globals);
  } catch {
    return undefined;
  }
}

/** The file system, as Deno, Bun and Node all have it. */
export type NodeFs = typeof import("node:fs");

// Hint: no import, which bundlers would see. On workerd with `nodejs_compat`, `node:fs` has the Worker's own code and
// one request's scratch files.
/** Returns the file system of this runtime, if it has one. */
export function nodeFs(): NodeFs | undefined {
  return onWorkerd() ? undefined : nodeModule("node:fs") as NodeFs | undefined;
}

/** Returns a built-in module of Node, if this runtime has it. */
export function nodeModule(name: string): unknown {
  return lookAt(({ process }) => process?.getBuiltinModule?.(name));
}

/** Returns the directory that relative paths start from; `undefined` if it may not be read. */
export function workingDirectory(): string | undefined {
  return lookAt(({ Deno, process }) => Deno?.cwd?.() ?? process?.cwd?.());
}

/** Whether this is workerd, where a promise belongs to the request that made it. */
export function onWorkerd(): boolean {
  return lookAt(({ navigator }) => navigator?.userAgent) === "Cloudflare-Workers";
}

// Hint: on Deno a timer is a number.
/** Lets the process end while a timer is pending. */
export function unref(timer: unknown): void {
  lookAt(({ Deno }) => typeof timer === "number" ? Deno?.unrefTimer?.(timer) : (timer as { unref?(): void }).unref?.());
}

/** Whether this is Windows, where paths may begin with a drive and a colon has a meaning. */
export function onWindows(): boolean {
  return lookAt(({ Deno, process }) => Deno?.build?.os ?? process?.platform)?.startsWith("win") === true;
}

/** Whether a variable may be read without asking the user. */
export function mayReadVariable(variable: string): boolean {
  const state = lookAt(({ Deno }) => Deno?.permissions?.querySync({ name: "env", variable }).state);
  return state === undefined || state === "granted";
}

/** Whether this process may listen at an address; asks the user if that is possible. */
export function mayListen(host: string): boolean {
  const state = lookAt(({ Deno }) => Deno?.permissions?.requestSync({ name: "net", host }).state);
  return state === undefined || state === "granted";
}
