import { denied, invalid, isRefusal, type Refusal, unavailable } from "./outcome.ts";
import { isThenable, type MaybePromise } from "./eventually.ts";

/** Where variables come from: a record (`process.env`, a Worker's `env`) or a function of the name. @category Host */
export type Variables = Readonly<Record<string, unknown>> | ((name: string) => unknown);

/** What is at a path. @category Host */
export interface PathInfo {
  /** What it is; a link is not followed. */
  readonly type: "file" | "link" | "other";
  /** Its length in bytes. */
  readonly size: number;
  /** Its permission bits, where the system has them. */
  readonly mode?: number;
}

/**
 * Reading of files, at once or later. `undefined` says that nothing is there.
 *
 * @category Host
 */
export interface Files {
  /** What is at a path, a link itself and not what it leads to. */
  info(path: string): MaybePromise<PathInfo | undefined | Refusal>;
  /** Where a path leads once every link is followed. */
  realPath(path: string): MaybePromise<string | undefined | Refusal>;
  /** The text of a regular file. */
  text(path: string): MaybePromise<string | undefined | Refusal>;
}

/** The time, and what is to happen later. @category Host */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something after some milliseconds; the returned function prevents it. */
  after(ms: number, run: () => void): () => void;
}

/** Something that happened, without any value. @category Host */
export interface LogEvent {
  /** What happened. */
  readonly type: "degraded" | "stopped" | "renewed" | "changed" | "shadowed";
  /** The credential, where it is about one. */
  readonly key?: string;
  /** The store, where it is about one. */
  readonly store?: string;
  /** Why, in fixed words and declared names. */
  readonly detail?: string;
}

/** Everything ambient that a resolver uses; what is left out is the runtime's own. @category Host */
export interface Host {
  /** Where `env`, `fromEnv` and `flag` read. */
  readonly env?: Variables;
  /** How files are read at once; `false` says that this host has none. */
  readonly files?: Files | false;
  /** How files are read by a store with `sync: false`. */
  readonly slowFiles?: Files;
  /** How the network is asked. */
  readonly fetch?: typeof fetch;
  /** The time. */
  readonly clock?: Clock;
  /** Chance, at least 0 and less than 1. */
  readonly random?: () => number;
  /** Told what happens, without any value. */
  readonly log?: (event: LogEvent) => void;
  /** Whether a promise belongs to the request that made it, as on workerd. */
  readonly requestBound?: boolean;
}

/** A host with everything in its place. */
export interface Ambient {
  readonly variable: (name: string) => MaybePromise<string | undefined | Refusal>;
  readonly files: Files | undefined;
  readonly slowFiles: Files | undefined;
  /** Whether files are those of the machine, and so can be written. */
  readonly ownFiles: boolean;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (event: LogEvent) => void;
  readonly requestBound: boolean;
}

interface Runtime {
  Deno?: typeof Deno;
  process?: { env?: Record<string, string | undefined>; getBuiltinModule?: (name: string) => unknown };
  navigator?: { userAgent?: string };
}
const runtime = globalThis as Runtime;

/** A built-in module of the runtime, where it has it; no bundler sees an import. */
export function builtin<T>(name: string): T | undefined {
  return runtime.process?.getBuiltinModule?.(name) as T | undefined;
}

/** The directory that relative paths start from. */
export function workingDirectory(): string {
  return runtime.Deno?.cwd() ?? (runtime.process as { cwd?: () => string } | undefined)?.cwd?.() ?? "/";
}

/** Fills what a caller left out with the runtime's own. */
export function ambient(host: Host = {}): Ambient {
  const { env = processVariable, files, slowFiles } = host;
  return {
    variable: (name) => readVariable(env, name),
    files: files === false ? undefined : files ?? denoFiles() ?? nodeFiles(),
    slowFiles: files === false ? undefined : slowFiles ?? files ?? slowNodeFiles(),
    ownFiles: files === undefined,
    fetch: host.fetch ?? ((input, init) => fetch(input, init)),
    clock: host.clock ?? systemClock,
    random: host.random ?? Math.random,
    log: guarded(host.log),
    requestBound: host.requestBound ?? onWorkerd(),
  };
}

// Hint: whoever is told of a resolve must not be able to fail it.
function guarded(log: Host["log"]): Ambient["log"] {
  return (event) => {
    try {
      log?.(event);
    } catch {
      // Its fault is its own.
    }
  };
}

/** The longest that a timer can wait, in milliseconds: a longer one, `Infinity` included, would fire at once. */
const LONGEST = 2 ** 31 - 1;

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};

// Hint: on Deno, touching `process.env` once costs 14 ms of start-up.
function processVariable(name: string): unknown {
  if (!runtime.Deno) return lookUp(runtime.process?.env ?? {}, name);
  try {
    return runtime.Deno.env.get(name);
  } catch {
    return denied(`needs --allow-env=${name}`);
  }
}

function readVariable(env: Variables, name: string): MaybePromise<string | undefined | Refusal> {
  try {
    return readBinding(name, lookUp(env, name));
  } catch {
    return unanswered(name);
  }
}

function lookUp(env: Variables, name: string): unknown {
  if (typeof env === "function") return env(name);
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function readBinding(name: string, value: unknown): MaybePromise<string | undefined | Refusal> {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) return typeof value === "string" ? value : notText(name, value);
  if (isRefusal(value)) return value;
  const later = "get" in value && typeof value.get === "function" ? value.get() : value;
  if (!isThenable(later)) return notText(name, later);
  return later.then(
    (text) => typeof text === "string" ? text : notText(name, text),
    () => unanswered(name),
  );
}

function unanswered(name: string): Refusal {
  return unavailable(`the binding ${name} did not answer`);
}

function notText(name: string, value: unknown): undefined | Refusal {
  return value === undefined || isRefusal(value) ? value : invalid(`${name} is not text`);
}

type NodeFs = typeof import("node:fs");
type NodeStats = { isFile(): boolean; isSymbolicLink(): boolean; size: number; mode: number };

function onWorkerd(): boolean {
  return runtime.navigator?.userAgent === "Cloudflare-Workers";
}

// Hint: what workerd calls a file system with `nodejs_compat` is the Worker's own code, and a scratch of one request.
function nodeFs(): NodeFs | undefined {
  return onWorkerd() ? undefined : builtin<NodeFs>("node:fs");
}

function denoFiles(): Files | undefined {
  const deno = runtime.Deno;
  return deno && {
    info: attempt((path) => {
      const { isFile, isSymlink, size, mode } = deno.lstatSync(path);
      return { type: isFile ? "file" : isSymlink ? "link" : "other", size, ...(mode === null ? {} : { mode }) };
    }),
    realPath: attempt(deno.realPathSync),
    text: attempt((path) => deno.readTextFileSync(path)),
  };
}

function nodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && {
    info: attempt((path) => infoOf(fs.lstatSync(path))),
    realPath: attempt((path) => fs.realpathSync(path)),
    text: attempt((path) => fs.readFileSync(path, "utf8")),
  };
}

function slowNodeFiles(): Files | undefined {
  const fs = nodeFs()?.promises;
  return fs && {
    info: attempt((path) => fs.lstat(path).then(infoOf)),
    realPath: attempt((path) => fs.realpath(path)),
    text: attempt((path) => fs.readFile(path, "utf8")),
  };
}

function infoOf(stats: NodeStats): PathInfo {
  const type = stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other";
  return { type, size: stats.size, mode: stats.mode };
}

function attempt<T>(read: (path: string) => MaybePromise<T>): (path: string) => MaybePromise<T | undefined | Refusal> {
  return (path) => {
    try {
      const answer = read(path);
      return isThenable(answer) ? answer.then((value): T | undefined | Refusal => value, fileRefusal) : answer;
    } catch (error) {
      return fileRefusal(error);
    }
  };
}

/** What a file system's error means: by its code or name, since messages quote paths. */
export function fileRefusal(error: unknown): undefined | Refusal {
  const { code, name } = error as { code?: string; name?: string };
  if (code === "ENOENT" || name === "NotFound") return undefined;
  if (name === "NotCapable") return denied("needs --allow-read");
  if (["EACCES", "EPERM", "ERR_ACCESS_DENIED"].includes(code ?? "")) return denied("no permission to read");
  if (["ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"].includes(code ?? "")) return invalid("not the path of a file");
  return unavailable(`the file system did not answer${code ? ` (${code})` : ""}`);
}
