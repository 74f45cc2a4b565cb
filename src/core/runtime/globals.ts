/** The global names of the runtimes. */
interface Globals {
  readonly Deno?: typeof Deno;
  readonly process?: {
    readonly env?: Record<string, string | undefined>;
    readonly getBuiltinModule?: (name: string) => unknown;
    readonly cwd?: () => string;
  };
  readonly navigator?: { readonly userAgent?: string };
}

/** The runtime that this runs on. */
export const runtime: Globals = globalThis as Globals;

/** The file system, as Deno, Bun and Node all have it. */
export type NodeFs = typeof import("node:fs");

// Hint: without an import for a bundler to see. On workerd with `nodejs_compat`, `node:fs` shows the Worker's own code,
// and scratch files of one request.
/** Returns the file system of this runtime, where it has one. */
export function nodeFs(): NodeFs | undefined {
  return onWorkerd() ? undefined : runtime.process?.getBuiltinModule?.("node:fs") as NodeFs | undefined;
}

/** Returns the directory that relative paths start from. */
export function workingDirectory(): string {
  return runtime.Deno?.cwd() ?? runtime.process?.cwd?.() ?? "/";
}

/** Whether this is workerd, where a promise belongs to the request that made it. */
export function onWorkerd(): boolean {
  return runtime.navigator?.userAgent === "Cloudflare-Workers";
}

/** Whether this process may listen at an address, after it was asked for where that is possible. */
export function mayListen(host: string): boolean {
  return !runtime.Deno || runtime.Deno.permissions.requestSync({ name: "net", host }).state === "granted";
}
