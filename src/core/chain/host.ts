import type { CredentialErrorCode } from "./errors.ts";
import type { MaybePromise } from "./eventually.ts";
import type { Refusal, Shared, Step } from "./outcome.ts";

// Hint: `Record<string, unknown>` would refuse an interface, which `wrangler types` generates for a Worker's bindings.
/**
 * Where variables come from: an object (`process.env`, a Worker's `env`) or a function of the name.
 *
 * @example The variables of one tenant
 * ```ts
 * import { createResolver, defineChain, env, required, type Variables } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const settings: Readonly<Record<string, string>> = { NORTH_NEO4J_USER: "reader" };
 * const north: Variables = (name) => settings[`NORTH_${name}`];
 * const credential = await createResolver(chain, { env: north }).resolve("neo4j:basic");
 * console.log(credential.get("user")); // "reader"
 * ```
 * @category Host
 */
export type Variables = object | ((name: string) => unknown);

/**
 * What is at a path.
 *
 * @example What files in memory say about a path
 * ```ts
 * import type { PathInfo } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const { asyncFiles } = testHost({ files: { "/run/secrets/user": "reader" } });
 * const info = await asyncFiles?.info("/run/secrets/user") as PathInfo;
 * console.log(info.type, info.size); // "file", 6
 * ```
 * @category Host
 */
export interface PathInfo {
  /** What it is; a link is not followed. */
  readonly type: "file" | "link" | "other";
  /** Its length in bytes. */
  readonly size: number;
  /** Its permission bits, if the system has them. */
  readonly mode?: number | undefined;
  /** Identifies it whatever its path: its device and inode, if the system has them. */
  readonly id?: string | undefined;
}

/** The size of the largest file that is read. */
export const MAX_FILE_BYTES = 1_048_576;

/**
 * Reads files, synchronously or not. `undefined` means that nothing is there.
 *
 * @example Texts that a bundle brings along
 * ```ts
 * import { createResolver, defineChain, file, type Files, required } from "@alphaswarm/credentials";
 *
 * const texts: Readonly<Record<string, string>> = {
 *   "/bundle/neo4j.json": '{ "user": "reader" }',
 * };
 * const files: Files = {
 *   info: (path) => path in texts ? { type: "file", size: texts[path]!.length } : undefined,
 *   realPath: (path) => path in texts || path === "/bundle" ? path : undefined,
 *   text: (path) => texts[path],
 * };
 * const chain = defineChain({
 *   stores: { file: file({ priority: 100, directory: "/bundle" }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { file: "neo4j.json" } },
 *   },
 * });
 * const credential = await createResolver(chain, { files }).resolve("neo4j:basic");
 * console.log(credential.get("user")); // "reader"
 * ```
 * @category Host
 */
export interface Files {
  /** Returns what is at a path; for a link, the link itself, not its target. */
  info(path: string): MaybePromise<PathInfo | undefined | Refusal>;
  /** Returns a path with every link followed. */
  realPath(path: string): MaybePromise<string | undefined | Refusal>;
  /**
   * Returns the text of a regular file of at most 1 MiB. With `seen`, what `info` returned for the path, it returns nothing
   * if another file is there now.
   */
  text(path: string, seen?: PathInfo): MaybePromise<string | undefined | Refusal>;
}

// Hint: a property of the function, so that a host which wraps `text` does not have it.
/** `Files.text` of a runtime that can open a path without following a link. */
export interface NoFollow {
  /** Returns the text of the regular file at a path without a call of `info` before it; a link is refused unread. */
  readonly noFollow?: Files["text"];
  /** The `info` that this makes unnecessary; a host with another `info` is asked that first. */
  readonly insteadOf?: Files["info"];
}

/**
 * Who may use a file that is written.
 *
 * @example The owner writes, and one group reads
 * ```ts
 * import type { FileAccess } from "@alphaswarm/credentials";
 *
 * const access: FileAccess = { mode: 0o640, group: 1_000 };
 * ```
 * @category Host
 */
export interface FileAccess {
  /** The permission bits of the file. */
  readonly mode: number;
  /** The id of its group; that of the process unless set. */
  readonly group?: number | undefined;
}

/**
 * A change of a file's whole text.
 *
 * @example A file is created once
 * ```ts
 * import type { FileChange } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const { files } = testHost();
 * const change: FileChange = {
 *   before: undefined,
 *   after: "{}",
 *   exclusive: true,
 *   mode: 0o600,
 * };
 * const replaced = [1, 2].map(() => files && files.replace("/state/neo4j.json", change));
 * console.log(replaced); // [true, false]
 * ```
 * @category Host
 */
export interface FileChange extends FileAccess {
  /** The text that the file must still have; `undefined` if there must be no file. */
  readonly before: string | undefined;
  /** The text that it is to have. */
  readonly after: string;
  /**
   * Whether a file that another process creates meanwhile must never be replaced; otherwise it may be noticed too late.
   */
  readonly exclusive: boolean;
}

/**
 * The lock of a file, which one process at a time has.
 *
 * @example Until it is released, nobody else gets it
 * ```ts
 * import type { FileLock } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const { files } = testHost();
 * const take = () => files && files.lock("/state/neo4j.json", { mode: 0o600 });
 * const lock = take() as FileLock;
 * console.log(take() === undefined); // true
 * lock.release();
 * console.log(take() === undefined); // false
 * ```
 * @category Host
 */
export interface FileLock {
  /** Releases the lock. */
  release(): void;
}

/**
 * Files that `persist` and `ensure` can write, synchronously. Paths are real ones, and what cannot be done is a
 * refusal.
 *
 * @example Whether a host can write files at all
 * ```ts
 * import type { Host, WritableFiles } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * function writableFiles({ files }: Host): WritableFiles | undefined {
 *   return files && "replace" in files ? files : undefined;
 * }
 * console.log(writableFiles(testHost()) !== undefined); // true
 * ```
 * @category Host
 */
export interface WritableFiles extends Files {
  /** Returns what is at a path; for a link, the link itself, not its target. */
  info(path: string): PathInfo | undefined | Refusal;
  /** Returns a path with every link followed. */
  realPath(path: string): string | undefined | Refusal;
  /** Returns the exact text of a regular file of at most 1 MiB, with a byte order mark if it has one. */
  text(path: string): string | undefined | Refusal;
  /** Creates a directory and those above it, as far as they are missing, with access for their owner alone. */
  makeDirectory(path: string): void | Refusal;
  /** Replaces a whole file durably; returns whether it did, which is `false` if another change came first. */
  replace(path: string, change: FileChange): boolean | Refusal;
  /** Takes the lock of a file, which need not exist; returns `undefined` while another process has the lock. */
  lock(path: string, access: FileAccess): FileLock | undefined | Refusal;
}

/**
 * A program to run.
 *
 * @example What a host lets a chain run
 * ```ts
 * import type { ProgramRun } from "@alphaswarm/credentials";
 *
 * const allowed: readonly string[] = ["op", "gh"];
 * const mayRun = ({ command: [program] }: Pick<ProgramRun, "command">) =>
 *   allowed.includes(program);
 * console.log(mayRun({ command: ["op", "whoami"] }), mayRun({ command: ["sh"] }));
 * // true, false
 * ```
 * @category Host
 */
export interface ProgramRun {
  /** The program, by its absolute path or by its name in `PATH`, and its arguments. There is no shell. */
  readonly command: readonly [program: string, ...args: readonly string[]];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** How the chain writes the program, for refusals. */
  readonly declared: string;
  /** The most that it may print to its standard output, in bytes. */
  readonly maxBytes: number;
  /** Ends it, with the programs that it started, when aborted. */
  readonly signal: AbortSignal;
  /** Measures the time. */
  readonly clock: Clock;
}

/**
 * How a program ended.
 *
 * @example Its output as text
 * ```ts
 * import type { ProgramEnd } from "@alphaswarm/credentials";
 *
 * const textOf = async ({ output }: ProgramEnd) =>
 *   await new Blob(output.map((piece) => piece.slice())).text();
 * const end: ProgramEnd = {
 *   status: 0,
 *   output: [new TextEncoder().encode("read"), new TextEncoder().encode("er")],
 * };
 * console.log(await textOf(end)); // "reader"
 * ```
 * @category Host
 */
export interface ProgramEnd {
  /** Its exit status; `undefined` if a signal ended it. */
  readonly status: number | undefined;
  /** What it printed to its standard output, in pieces. */
  readonly output: readonly Uint8Array[];
}

/**
 * Runs programs, with their standard input closed and their standard error discarded.
 *
 * @example A stand-in for 1Password's command line, in a test
 * ```ts
 * import { createResolver, defineChain, type Programs, required } from "@alphaswarm/credentials";
 * import { exec } from "@alphaswarm/credentials/exec";
 *
 * const programs: Programs = {
 *   run: () =>
 *     Promise.resolve({ status: 0, output: [new TextEncoder().encode("reader\n")] }),
 * };
 * const chain = defineChain({
 *   stores: { op: exec({ priority: 100, command: ["op", "read", "{}"] }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required() },
 *       from: { op: { document: "op://dev/neo4j/user", text: true, fields: { user: "" } } },
 *     },
 *   },
 * });
 * const credential = await createResolver(chain, { programs }).resolve("neo4j:basic");
 * console.log(credential.get("user")); // "reader"
 * ```
 * @category Host
 */
export interface Programs {
  /** Runs a program until it ends. Never rejects. */
  run(program: ProgramRun): Promise<ProgramEnd | Refusal>;
}

/**
 * A clock with timers.
 *
 * @example A clock that is an hour behind, for a test of skew
 * ```ts
 * import type { Clock } from "@alphaswarm/credentials";
 *
 * const behind: Clock = {
 *   now: () => Date.now() - 3_600_000,
 *   after(ms, run) {
 *     const timer = setTimeout(run, ms);
 *     return () => clearTimeout(timer);
 *   },
 * };
 * ```
 * @category Host
 */
export interface Clock {
  /** Returns the time in milliseconds since 1970. */
  now(): number;
  /**
   * Runs a function after some milliseconds; the returned function cancels that. With `background`, the timer does not
   * keep the process alive.
   */
  after(ms: number, run: () => void, background?: boolean): () => void;
}

/**
 * An event for a log. It never holds a value.
 *
 * @example Events that an operator is told about
 * ```ts
 * import type { LogEvent } from "@alphaswarm/credentials";
 *
 * const serious: readonly LogEvent["type"][] = ["degraded", "stopped", "failed"];
 * function log({ type, key, store, detail }: LogEvent): void {
 *   if (serious.includes(type)) console.warn(JSON.stringify({ type, key, store, detail }));
 * }
 * ```
 * @category Host
 */
export interface LogEvent {
  /**
   * What happened. These are all types of events, and the members that each has:
   *
   * - `walk` (`key`; `store` and `degraded`, or `error`): stores were asked for a credential, and `store` has it, or it
   *   cannot be given.
   * - `degraded` (`key`, `store`): a store that should have answered could not, and another one or an earlier answer serves.
   * - `stopped` (`key`, `detail`): a walk ended in an error that no default may replace.
   * - `changed` (`key`, `store`): a credential was replaced by a new one, as `onChange` reports.
   * - `renewed` (`store`; `shared` if it is shared): a store gave a token.
   * - `failed` (`store`, `error`, `detail`): a store could not give a token; a held one is used until it expires.
   * - `missing` (`store`, `detail`): the directory that a store reads does not exist; logged once, and again if it
   *   disappears later.
   * - `shadowed` (`key`, `store`, `detail`): what `persist` or `ensure` wrote is not in use, since a store that is asked
   *   before it answers.
   * - `share` (`store`, `detail`): the state of the engine by which a store shares its tokens changed.
   * - `ignored` (`detail`): {@linkcode getResolver} was given a different host from the one that its resolver has.
   */
  readonly type:
    | "walk"
    | "degraded"
    | "stopped"
    | "changed"
    | "renewed"
    | "failed"
    | "missing"
    | "shadowed"
    | "share"
    | "ignored";
  /** The key of the credential that it is about. */
  readonly key?: string;
  /** The name of the store that it is about. */
  readonly store?: string;
  /** Why a walk did not find the credential, or a store did not give a token: the code of a `CredentialError`. */
  readonly error?: CredentialErrorCode;
  /** Whether the credential that a walk found is degraded. */
  readonly degraded?: boolean;
  /** Why, in fixed words and declared names. */
  readonly detail?: string;
  /** How a shared token was obtained. */
  readonly shared?: Shared;
}

/** A walk: when it was over, in milliseconds since 1970, and what each store answered. */
export interface Walked {
  readonly at: number;
  readonly trace: readonly Step[];
}

/**
 * Receives log events; with those of a credential, its latest walk at that moment, which a host's own log does not get.
 */
export type Log = (event: LogEvent, walk?: Walked) => void;

/**
 * What a resolver uses of its runtime; a member that is left out is the runtime's own.
 *
 * @example Variables of a test, no file, and every request refused
 * ```ts
 * import { createResolver, defineChain, env, type Host, required } from "@alphaswarm/credentials";
 *
 * const host: Host = {
 *   env: { NEO4J_PASSWORD: "not-a-secret" },
 *   files: false,
 *   fetch: () => Promise.reject(new TypeError("no network here")),
 *   log: ({ type, key, store }) => console.log(type, key, store),
 *   // "walk", "neo4j:basic", "env"
 * };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * await createResolver(chain, host).resolve("neo4j:basic");
 * ```
 * @category Host
 */
export interface Host {
  /** Where {@linkcode env}, {@linkcode fromEnv} and {@linkcode flag} read variables. */
  readonly env?: Variables;
  /** Reads files synchronously, and writes them if they are {@linkcode WritableFiles}; `false`: there are none. */
  readonly files?: Files | WritableFiles | false;
  /** Reads files for stores with `sync: false`. */
  readonly asyncFiles?: Files;
  /** Runs programs for the stores of `./exec`; `false` for a host that must not run any. */
  readonly programs?: Programs | false;
  /** Sends requests. */
  readonly fetch?: typeof fetch;
  /** Tells the time. */
  readonly clock?: Clock;
  /** Returns a random number, at least 0 and less than 1. */
  readonly random?: () => number;
  /**
   * Receives log events, once the walk in which they happened is over. What it throws is ignored. It may use the
   * resolver; what that does before the log first waits for anything is not logged, since logging it would never end.
   */
  readonly log?: (event: LogEvent) => void;
  /** Whether a promise belongs to the request that made it, as on workerd. */
  readonly requestBound?: boolean;
}

/**
 * The parts of a host that a store completes with the runtime's own.
 *
 * @example From a host without files, a store gets none
 * ```ts
 * import { type HostParts, runtimeFiles } from "@alphaswarm/credentials";
 *
 * const host: HostParts = { files: false, asyncFiles: undefined, programs: false, fetch };
 * const { files } = runtimeFiles(host);
 * console.log(files === undefined); // true
 * ```
 * @category Writing a store
 */
export interface HostParts {
  /** The host's own way to read files synchronously; `false` for a host without files. */
  readonly files: Files | false | undefined;
  /** The host's own way to read files without blocking. */
  readonly asyncFiles: Files | undefined;
  /** The host's own way to run programs; `false` for a host that must not run any. */
  readonly programs: Programs | false | undefined;
  /** Sends requests, unbounded. */
  readonly fetch: typeof fetch;
}

/** A host, completed with what the core itself needs of the runtime. */
export interface Ambient extends HostParts {
  /** Reads an environment variable, or a Worker's binding, as text. */
  readonly variable: (name: string) => MaybePromise<string | undefined | Refusal>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Receives log events; absent while nobody listens. It is read anew for each event, since listeners come and go. */
  log: Log | undefined;
  readonly requestBound: boolean;
}
