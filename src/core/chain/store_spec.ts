import type { Answered } from "./answer.ts";
import type { Changes } from "./changes.ts";
import type { Credential } from "./credential.ts";
import type { MaybePromise } from "./eventually.ts";
import type { Clock, Files, HostParts, Programs } from "./host.ts";
import type { Refusal } from "./outcome.ts";
import type { ShapeName, ShapeOf, Shapes, Token } from "./shape.ts";
import type { ExpiredPolicy, NeedName, OptionalNeed, Policy } from "./store.ts";

/**
 * A needed credential, as a look-up gets it.
 *
 * @example Its values go into a header
 * ```ts
 * import type { NeededCredential } from "@alphaswarm/credentials";
 *
 * function basic(client: NeededCredential): string {
 *   return `Basic ${btoa(`${client.get("client_id")}:${client.get("client_secret")}`)}`;
 * }
 * ```
 * @category Writing a store
 */
export interface NeededCredential extends Pick<Credential, "key" | "source" | "fields" | "expiresAt"> {
  /** Returns the value of a field. */
  get(name: string): unknown;
}

/**
 * The context of a look-up. One context serves one reading of one credential.
 *
 * @typeParam Need The names of the needs, such as `"login"`, or `"client?"` for one that may be left out.
 *
 * @example A look-up that sends what it needs, and stops in time
 * ```ts
 * import { type Context, defineStore, httpRefusal, variables } from "@alphaswarm/credentials";
 *
 * const keys = defineStore({
 *   kind: "keys",
 *   shape: variables,
 *   needs: ["login"],
 *   open: (_, { fetch }) => async (name, { need, signal }: Context<"login">) => {
 *     const headers = { authorization: `Bearer ${(await need("login")).get("token")}` };
 *     const response = await fetch(`https://keys.example/${name}`, { headers, signal });
 *     return response.ok ? await response.text() : httpRefusal(response);
 *   },
 * });
 * const store = keys({ priority: 150, login: "keys:login" });
 * ```
 * @category Writing a store
 */
export interface Context<Need extends string = never> {
  /** Aborted when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Resolves a credential that the store declares in `needs`; if that fails, the look-up ends there. */
  need(name: Exclude<NeedName<Need>, OptionalNeed<Need>>): Promise<NeededCredential>;
  /** Resolves an optional need, such as `"client?"`; `undefined` if its option was left out. */
  need(name: OptionalNeed<Need>): Promise<NeededCredential | undefined>;
}

/**
 * The context of a look-up of a document store.
 *
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example A store that gives documents parsed, or as plain text
 * ```ts
 * import { defineStore, document, type DocumentContext } from "@alphaswarm/credentials";
 *
 * const bundle = defineStore({
 *   kind: "bundle",
 *   shape: document,
 *   text: true,
 *   open:
 *     ({ texts }: { texts: Readonly<Record<string, string>> }) =>
 *     (name, { text }: DocumentContext) => {
 *       const found = texts[name];
 *       return text || found === undefined ? found : JSON.parse(found);
 *     },
 * });
 * const store = bundle({ priority: 150, texts: { "neo4j.json": '{ "user": "reader" }' } });
 * ```
 * @category Writing a store
 */
export interface DocumentContext<Need extends string = never> extends Context<Need> {
  /** Whether the look-up must return the plain text as a string; only if the spec says `text: true`. */
  readonly text: boolean;
}

/**
 * The context in which a store is closed.
 *
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example A lease is revoked with the login that it was obtained with
 * ```ts
 * import type { CloseContext } from "@alphaswarm/credentials";
 *
 * async function revoke(
 *   lease: string,
 *   { need, signal }: CloseContext<"login">,
 * ): Promise<void> {
 *   // Nothing if the login is no longer held.
 *   const token = need("login")?.get("token");
 *   if (!token) return;
 *   const body = JSON.stringify({ lease_id: lease });
 *   await fetch("https://vault.example/v1/sys/leases/revoke", {
 *     method: "POST",
 *     headers: { "X-Vault-Token": String(token) },
 *     body,
 *     signal,
 *   });
 * }
 * ```
 * @category Writing a store
 */
export interface CloseContext<Need extends string = never> {
  /** Aborted when the time for closing all stores is up. */
  readonly signal: AbortSignal;
  /** Returns a needed credential as it is held, without asking for it. */
  need(name: NeedName<Need>): NeededCredential | undefined;
}

/**
 * Why a token is asked for: there is none yet (`first`), the held one is due (`due`), a service refused it (`refused`),
 * or a credential with which it was obtained was rotated (`need`). It stays the same until a token is obtained, but
 * what was `due` becomes `need` once such a credential is rotated.
 *
 * @example When a refresh token will do
 * ```ts
 * import type { TokenReason } from "@alphaswarm/credentials";
 *
 * const grantFor = (reason: TokenReason) =>
 *   reason === "due" ? "refresh_token" : "client_credentials";
 * console.log(grantFor("due"), grantFor("refused"));
 * // "refresh_token", "client_credentials"
 * ```
 * @category Writing a store
 */
export type TokenReason = "first" | "due" | "refused" | "need";

/**
 * The context of a look-up of a token store.
 *
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example A token that is due is renewed; any other is obtained anew
 * ```ts
 * import { defineStore, httpRefusal, token, type TokenContext } from "@alphaswarm/credentials";
 *
 * const leases = defineStore({
 *   kind: "leases",
 *   shape: token,
 *   open: (_, { fetch }) => async (_request, { reason, previous, signal }: TokenContext) => {
 *     const path = reason === "due" && previous ? `renew/${previous.values.id}` : "create";
 *     const init = { method: "POST", signal };
 *     const response = await fetch(`https://leases.example/${path}`, init);
 *     if (!response.ok) return httpRefusal(response);
 *     return { values: await response.json(), expiresIn: 300 };
 *   },
 * });
 * ```
 * @category Writing a store
 */
export interface TokenContext<Need extends string = never> extends Context<Need> {
  /** Why it is asked. */
  readonly reason: TokenReason;
  /** The held token, which a store may renew instead of obtaining a new one. */
  readonly previous: Token | undefined;
  /** For details: how the chain writes each parameter that a variable gives, `$NAME`, by its path (`request.role`). */
  readonly declared: Readonly<Record<string, string>>;
}

/**
 * Everything ambient that a store is opened with.
 *
 * @example A store that is on if a variable says so, and asks the host for the time
 * ```ts
 * import { defineStore, httpRefusal, type Surroundings, token } from "@alphaswarm/credentials";
 *
 * const job = defineStore({
 *   kind: "job",
 *   shape: token,
 *   off: "this is not a job",
 *   open: (_, { variable, fetch, clock }: Surroundings) => {
 *     const url = variable("JOB_TOKEN_URL");
 *     if (typeof url !== "string") return undefined; // the store is off
 *     return async (_request, { signal }) => {
 *       const response = await fetch(url, { signal });
 *       if (!response.ok) return httpRefusal(response);
 *       return { values: { token: await response.text() }, expiresAt: clock.now() + 300_000 };
 *     };
 *   },
 * });
 * ```
 * @category Writing a store
 */
export interface Surroundings {
  /** Reads an environment variable, or a Worker's binding. */
  readonly variable: (name: string) => MaybePromise<string | undefined | Refusal>;
  /** Reads files synchronously: the host's, or with `uses: [runtimeFiles]` the runtime's; `undefined` without any. */
  readonly files: Files | undefined;
  /** Reads files without blocking others; `undefined` without any. */
  readonly asyncFiles: Files | undefined;
  /** Runs programs, in a store that uses that part of the runtime; `undefined` if the host has none. */
  readonly programs?: Programs | undefined;
  /**
   * Sends requests. In a store of {@linkcode defineStore}, a failed connection makes the look-up `unavailable`, and a
   * request that the runtime's permissions forbid makes it `denied`; the size of an answer is bounded, and redirects
   * are returned, not followed.
   */
  readonly fetch: typeof fetch;
  /** Tells the time. */
  readonly clock: Clock;
  /** Returns a random number, at least 0 and less than 1. */
  readonly random: () => number;
  /**
   * Whether a promise belongs to the request that made it, as on workerd, where a timer does not outlive its look-up.
   */
  readonly requestBound: boolean;
  /**
   * How the chain writes each option, or its path (`headers.Polaris-Realm`): its text, or `$NAME` if a variable gave
   * it.
   */
  readonly declared: Readonly<Record<string, string>>;
}

/**
 * A part of the runtime that a store brings, so that a bundle without such a store does without it.
 *
 * @example Files that are only read without blocking others
 * ```ts
 * import { defineStore, type RuntimePart, runtimeFiles, variables } from "@alphaswarm/credentials";
 *
 * const asyncFiles: RuntimePart = (host) => ({ asyncFiles: runtimeFiles(host).asyncFiles });
 * const share = defineStore({
 *   kind: "share",
 *   shape: variables,
 *   uses: [asyncFiles],
 *   open: ({ directory }: { directory: string }, { asyncFiles }) =>
 *     asyncFiles && ((name) => asyncFiles.text(`${directory}/${name}`)),
 * });
 * ```
 * @category Writing a store
 */
export type RuntimePart = (host: HostParts) => Partial<
  Pick<Surroundings, "files" | "asyncFiles" | "programs" | "fetch">
>;

/**
 * One look-up: the value, `undefined` for a miss, or a refusal; synchronous or not. With {@linkcode answer} it also
 * gives the version of the value, or when it expires.
 *
 * @typeParam S The shape's name.
 * @typeParam Request What a token store can be asked for.
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example Each of the three answers
 * ```ts
 * import { invalid, type Look } from "@alphaswarm/credentials";
 *
 * const values: Readonly<Record<string, unknown>> = { user: "reader", port: 7687 };
 * const look: Look<"variables"> = (name) => {
 *   const value = values[name];
 *   if (value === undefined) return undefined; // a miss
 *   return typeof value === "string" ? value : invalid(`${name} is not text`);
 * };
 * ```
 * @category Writing a store
 */
export type Look<S extends ShapeName, Request = string, Need extends string = never> = (
  what: S extends "token" ? Request : string,
  context: S extends "token" ? TokenContext<Need> : S extends "document" ? DocumentContext<Need> : Context<Need>,
) => MaybePromise<Shapes[S]["answer"] | undefined | Refusal>;

/**
 * The values of variables by name, each as a separate look-up would give it.
 *
 * @example One value, one that is missing, and one that may not be read
 * ```ts
 * import { denied, type ValuesByName } from "@alphaswarm/credentials";
 *
 * const values: ValuesByName = {
 *   user: "reader",
 *   realm: undefined,
 *   password: denied("needs key:read on this prefix"),
 * };
 * ```
 * @category Writing a store
 */
export type ValuesByName = Readonly<Record<string, Shapes["variables"]["answer"] | undefined | Refusal>>;

/**
 * One look-up of all variables of a credential in one request; each name is asked for once. With {@linkcode answer} it
 * says when all of them expire.
 *
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example One request for all names
 * ```ts
 * import { httpRefusal, type ReadAll } from "@alphaswarm/credentials";
 *
 * const read: ReadAll = async (names, { signal }) => {
 *   const response = await fetch(`https://keys.example/?names=${names.join(",")}`, {
 *     signal,
 *   });
 *   return response.ok ? await response.json() : httpRefusal(response);
 * };
 * ```
 * @category Writing a store
 */
export type ReadAll<Need extends string = never> = (
  names: readonly string[],
  context: Context<Need>,
) => MaybePromise<ValuesByName | Answered<ValuesByName> | Refusal>;

/**
 * An open store that can do more than look up.
 *
 * @typeParam S The shape's name.
 * @typeParam Request What a token store can be asked for.
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example A store with a connection that ends with the resolver
 * ```ts
 * import { defineStore, type Opened, variables } from "@alphaswarm/credentials";
 *
 * interface Client {
 *   get(name: string): Promise<string | undefined>;
 *   close(): void;
 * }
 * const keyed = defineStore({
 *   kind: "keyed",
 *   shape: variables,
 *   open: ({ connect }: { connect: () => Client }): Opened<"variables"> => {
 *     const client = connect();
 *     return { look: (name) => client.get(name), close: () => client.close() };
 *   },
 * });
 * ```
 * @category Writing a store
 */
export interface Opened<S extends ShapeName, Request = string, Need extends string = never> {
  /** The look-up. */
  readonly look: Look<S, Request, Need>;
  /** Only with `variables`: looks up all that a credential reads, instead of one after the other. */
  readonly read?: S extends "variables" ? ReadAll<Need> : never;
  /**
   * Closes the store when the resolver is disposed of, for example revokes a lease or ends a connection. Stores that
   * need what this one gives are closed before it, and all within 5 s. What it throws is ignored.
   */
  readonly close?: (context: CloseContext<Need>) => MaybePromise<void>;
}

/**
 * Writes one change, and returns nothing or `true` once it is written, `false` if another change came first, or a
 * refusal.
 *
 * @typeParam S The shape's name.
 * @typeParam Need The names of the needs, as in {@linkcode Context}.
 *
 * @example A document that is written only if nobody else has written it meanwhile
 * ```ts
 * import { httpRefusal, type Write } from "@alphaswarm/credentials";
 *
 * const write: Write<"document"> = async ({ name, before, after }, { signal }) => {
 *   const response = await fetch(`https://config.example/${name}`, {
 *     method: "PUT",
 *     headers: before.version === undefined
 *       ? { "if-none-match": "*" }
 *       : { "if-match": String(before.version) },
 *     body: JSON.stringify(after),
 *     signal,
 *   });
 *   if (response.status === 412) return false;
 *   return response.ok || httpRefusal(response);
 * };
 * ```
 * @category Writing a store
 */
export type Write<S extends ShapeName, Need extends string = never> = (
  change: Changes[S],
  context: Context<Need>,
) => MaybePromise<void | boolean | Refusal>;

/**
 * The permissions that a store needs.
 *
 * @example What `deno run` must allow
 * ```ts
 * import type { Permissions } from "@alphaswarm/credentials";
 *
 * const needed: Permissions = { env: ["VAULT_TOKEN"], net: ["vault.example:8200"] };
 * const flags = Object.entries(needed).map(([name, values]) =>
 *   `--allow-${name}=${values.join(",")}`
 * );
 * console.log(flags); // ["--allow-env=VAULT_TOKEN", "--allow-net=vault.example:8200"]
 * ```
 * @category Writing a store
 */
export interface Permissions {
  /** Names of variables. */
  readonly env?: readonly string[];
  /** Paths to read. */
  readonly read?: readonly string[];
  /** Hosts, with a port if it is not the scheme's default. */
  readonly net?: readonly string[];
  /** Programs to run. */
  readonly run?: readonly string[];
}

/**
 * A kind of store.
 *
 * @typeParam S The shape's name.
 * @typeParam O The store's own options.
 * @typeParam Need The options that name the credentials which it needs; `"client?"` is one that may be left out.
 * @typeParam Request What a token store can be asked for.
 * @typeParam Version Of a token store whose tokens can be shared: the version of what they are asked for with.
 *
 * @example A store of values that a program has in a record
 * ```ts
 * import { defineStore, type StoreSpec, variables } from "@alphaswarm/credentials";
 *
 * interface RecordOptions {
 *   readonly texts: Readonly<Record<string, string>>;
 *   readonly label?: string;
 * }
 * const spec: StoreSpec<"variables", RecordOptions> = {
 *   kind: "record",
 *   shape: variables,
 *   recheck: Infinity,
 *   local: true, // it works without the network
 *   options: { texts: "object", label: "string|undefined" },
 *   shows: ["label"], // `describe` shows it
 *   open: ({ texts }) => (name) => texts[name],
 * };
 * const store = defineStore(spec)({
 *   priority: 150,
 *   texts: { user: "reader" },
 *   label: "built in",
 * });
 * ```
 * @category Writing a store
 */
export interface StoreSpec<
  S extends ShapeName,
  O extends object,
  Need extends string = never,
  Request = unknown,
  Version extends string = string,
> {
  /** The name of the kind, for `describe`. */
  readonly kind: string;
  /** What its look-up takes and returns: `variables`, `document` or `token`. */
  readonly shape: ShapeOf<S>;
  /** How long an answer is used, in milliseconds; with `Infinity`, until it is invalidated. */
  readonly recheck?: number;
  /** How long a look-up may take unless the store's options say otherwise, in milliseconds; 5,000 unless set. */
  readonly timeout?: number;
  /**
   * Whether its values are in files, which others may rewrite while they are read: a field that was there is looked for
   * again before it counts as absent, and so is the rest of an identity if `onIncomplete` is `"stop"`.
   */
  readonly readsFiles?: boolean;
  /**
   * For a document store: its look-up returns the plain text as a string if `context.text` is set, for mappings with
   * `text: true`. In any other store such a mapping is a mistake.
   */
  readonly text?: S extends "document" ? true : never;
  /** What follows an incomplete answer, unless the store's options say otherwise; what its shape says unless set. */
  readonly onIncomplete?: Policy;
  /**
   * For a token store: what follows a token that has expired, unless the store's options say otherwise; `"serve"`
   * unless set.
   */
  readonly onExpired?: ExpiredPolicy;
  /**
   * For a token store: its tokens may be shared among machines, so it has the option `share`. The value is the version
   * of what they are asked for with, such as `"1"`; change it when the code asks for something else. Two machines are
   * told apart by the options, the request and the needs, and by nothing else that the store reads: make a variable an
   * option.
   */
  readonly share?: S extends "token" ? Version : never;
  /**
   * Whether the machine itself gives its values: a projected token, a runner's identity. A token that is obtained with
   * one is shared only if `principal` says who that is.
   */
  readonly ambient?: true;
  /** Whether it works without the network. */
  readonly local?: boolean;
  /** Parts of the runtime besides variables and clock, such as {@linkcode runtimeFiles}; the network needs none. */
  readonly uses?: readonly RuntimePart[];
  /**
   * All of its own options, by name or each with its type, for example `{ url: "string", retries: "number|undefined" }`.
   * Any other option is then a mistake in the chain; `validateChain` and the command line also report one of another type.
   */
  readonly options?: readonly (keyof O & string)[] | Readonly<Record<string, string>>;
  /**
   * By name: says what is wrong with the value of an option, or of a parameter in a mapping, if anything. For a
   * reference, its fallback is checked.
   */
  readonly checks?: Readonly<Record<string, (value: unknown) => string | undefined>>;
  /** Says which options do not fit together, each by its name; `open` has to check what depends on a reference. */
  readonly mistakes?: (
    options: { readonly [name: string]: unknown },
  ) => readonly (readonly [name: string, problem: string])[];
  /**
   * Reports names in a mapping that the store can never have, by their path in it (`""`); `open` has to check
   * references.
   */
  readonly checkMapping?: (
    mapped: { readonly reads: readonly string[]; readonly document?: { readonly name: string } },
    options: { readonly [name: string]: unknown },
    complain: (path: string, problem: string) => void,
  ) => void;
  /** At least one of these options must be given. */
  readonly anyOf?: readonly (keyof O & string)[];
  /** The parameters that a mapping may have in a token store; any other member of a mapping is then a mistake. */
  readonly request?: readonly (keyof Request & string)[] | Readonly<Record<string, string>>;
  /** The options that name credentials of the chain which the store itself needs; `"client?"` is one that may be left out. */
  readonly needs?: readonly Need[];
  /** The fields that such a credential must have. */
  readonly requires?: { readonly [N in NeedName<Need>]?: readonly string[] };
  /**
   * For a token store: the needs that end its tokens, as a login ends a lease. A token expires when they do, and when
   * the value of one changes, another token is asked for. Such tokens cannot be shared.
   */
  readonly binds?: readonly (S extends "token" ? NeedName<Need> : never)[];
  /**
   * For a token store: members that change together, such as `username` and `password`; `lint` finds a mapping of only
   * some.
   */
  readonly issuesTogether?: S extends "token" ? readonly string[] : never;
  /** The options that `describe` shows as the chain writes them, such as `mount`: none that holds a secret. */
  readonly shows?: readonly (keyof O & string)[];
  /** Builds a variable's name from a prefix and a field's name; joins them unless set. */
  readonly variable?: (prefix: string, field: string) => string;
  /** The permissions that it needs to read these declared names. */
  readonly permissions?: (reads: readonly string[], options: O) => Permissions;
  /**
   * Why it is off if `open` returns nothing, such as "this is not a job of GitHub Actions"; unless set, that the
   * runtime lacks what it needs.
   */
  readonly off?: string;
  /**
   * Opens it when first asked: returns the look-up, alone or with more, a refusal, or nothing if the runtime lacks what
   * it needs.
   */
  readonly open: (
    options: O,
    surroundings: Surroundings,
  ) => Look<S, Request, Need> | Opened<S, Request, Need> | Refusal | undefined;
  /**
   * How `persist` and `ensure` write to it, given what it was opened with; without this it can only be read. `"files"`:
   * each document is a JSON file in the directory that its option `directory` names.
   */
  readonly write?: "files" | ((options: O, surroundings: Surroundings) => Write<S, Need>);
}
