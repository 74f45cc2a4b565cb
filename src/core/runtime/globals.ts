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

/** Returns a built-in module of the runtime, where it has it, without an import for a bundler to see. */
export function builtin<T>(name: string): T | undefined {
  return runtime.process?.getBuiltinModule?.(name) as T | undefined;
}

/** Returns the directory that relative paths start from. */
export function workingDirectory(): string {
  return runtime.Deno?.cwd() ?? runtime.process?.cwd?.() ?? "/";
}

/** Whether this is workerd, where a promise belongs to the request that made it. */
export function onWorkerd(): boolean {
  return runtime.navigator?.userAgent === "Cloudflare-Workers";
}
