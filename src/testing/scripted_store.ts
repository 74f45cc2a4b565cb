import type { MaybePromise } from "../core/chain/eventually.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { ShapeName, ShapeOf, Shapes } from "../core/chain/shape.ts";
import type { NeedName, StoreFactory } from "../core/chain/store.ts";
import type { Context, DocumentContext, TokenContext } from "../core/chain/store_spec.ts";
import { defineStore } from "../stores/define_store.ts";

/**
 * The request type of a token store whose test does not declare one.
 *
 * @example Answer according to the request
 * ```ts
 * import { createResolver, defineChain, required, token } from "@alphaswarm/credentials";
 * import { type AnyRequest, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const sso = scriptedStore({ shape: token });
 * sso.answer = ({ scope }: AnyRequest) => ({
 *   values: { access_token: `for ${scope}` },
 *   expiresIn: 600,
 * });
 * const chain = defineChain({
 *   stores: { sso: sso.store({ priority: 100 }) },
 *   credentials: {
 *     "api:read": {
 *       fields: { token: required() },
 *       from: { sso: { scope: "read", fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * console.log((await createResolver(chain).resolve("api:read")).get("token"));
 * // "for read"
 * ```
 * @category Testing
 */
export type AnyRequest = Readonly<Record<string, unknown>>;

/**
 * What a look-up returns: the shape's answer, `undefined` for a miss, or a refusal.
 *
 * @typeParam S The shape.
 *
 * @example A hit, a miss and a refusal
 * ```ts
 * import { denied, variables } from "@alphaswarm/credentials";
 * import { type LookUpAnswer, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const answers: Record<string, LookUpAnswer<"variables">> = {
 *   user: "reader",
 *   note: undefined,
 *   password: denied("needs read on this shelf"),
 * };
 * const shelf = scriptedStore({ shape: variables, answers });
 * ```
 * @category Testing
 */
export type LookUpAnswer<S extends ShapeName> = Shapes[S]["answer"] | undefined | Refusal;

/**
 * What a look-up is called with: a name, or the request of a token store.
 *
 * @typeParam S The shape.
 * @typeParam Request The request of a token store.
 *
 * @example Which scopes were requested
 * ```ts
 * import { createResolver, defineChain, required, token } from "@alphaswarm/credentials";
 * import { type LookUpRequest, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * type Request = { readonly scope?: string };
 * const answer = { values: { token: "not-a-secret" }, expiresIn: 600 };
 * const sso = scriptedStore<"token", never, Request>({ shape: token, answer });
 * const chain = defineChain({
 *   stores: { sso: sso.store({ priority: 100 }) },
 *   credentials: {
 *     "api:read": { fields: { token: required() }, from: { sso: { scope: "read" } } },
 *   },
 * });
 * await createResolver(chain).resolve("api:read");
 * const asked: readonly LookUpRequest<"token", Request>[] = sso.asked;
 * console.log(asked.map(({ scope }) => scope)); // ["read"]
 * ```
 * @category Testing
 */
export type LookUpRequest<S extends ShapeName, Request> = S extends "token" ? Request : string;

/**
 * The answer of a scripted store: the value to return, a promise of it (which may stay pending), an `Error` to throw, or
 * a function of the name or request.
 *
 * @typeParam S The shape.
 * @typeParam Need The names of the options that name credentials.
 * @typeParam Request The request of a token store.
 *
 * @example An outage after the first answer
 * ```ts
 * import { createResolver, defineChain, required, unavailable, variables } from "@alphaswarm/credentials";
 * import { type ScriptedAnswer, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * let asked = 0;
 * const answer: ScriptedAnswer<"variables"> = () =>
 *   asked++ === 0 ? "reader" : unavailable("no connection");
 * const resolver = createResolver(defineChain({
 *   stores: {
 *     vault: scriptedStore({ shape: variables, answer }).store({ priority: 100 }),
 *   },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { vault: { prefix: "" } } },
 *   },
 * }));
 * await resolver.resolve("db:user");
 * resolver.invalidate("db:user");
 * console.log((await resolver.resolve("db:user")).degraded); // true
 * ```
 * @category Testing
 */
export type ScriptedAnswer<S extends ShapeName, Need extends string = never, Request = AnyRequest> =
  | LookUpAnswer<S>
  | Error
  | PromiseLike<LookUpAnswer<S>>
  | ((
    request: LookUpRequest<S, Request>,
    context: S extends "token" ? TokenContext<Need> : S extends "document" ? DocumentContext<Need> : Context<Need>,
  ) => MaybePromise<LookUpAnswer<S>>);

/**
 * The options of a scripted store.
 *
 * @typeParam S The shape.
 * @typeParam Need The names of the options that name credentials.
 * @typeParam Request The request of a token store.
 *
 * @example A token store that uses the network
 * ```ts
 * import { token } from "@alphaswarm/credentials";
 * import { type ScriptedOptions, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const options: ScriptedOptions<"token", "client"> = {
 *   shape: token,
 *   answer: async (_, { need }) => ({
 *     values: { access_token: (await need("client")).get("secret") },
 *     expiresIn: 600,
 *   }),
 *   needs: ["client"],
 *   later: true,
 *   local: false,
 * };
 * const store = scriptedStore(options).store({ priority: 100, client: "m2m:client" });
 * console.log(store.needs); // ["m2m:client"]
 * ```
 * @category Testing
 */
export interface ScriptedOptions<S extends ShapeName, Need extends string = never, Request = AnyRequest> {
  /** The shape: `variables`, `document` or `token`. */
  readonly shape: ShapeOf<S>;
  /** Its answers by name; any other name is a miss. The record may be changed later. */
  readonly answers?: Record<string, ScriptedAnswer<S, Need, Request>>;
  /** Its answer to every name or request; takes precedence over `answers` unless it is `undefined`. */
  readonly answer?: ScriptedAnswer<S, Need, Request>;
  /** Whether it answers asynchronously. */
  readonly later?: boolean;
  /** The names of its options that name credentials. */
  readonly needs?: readonly Need[];
  /** Of a token store: the needs with which what it gives ends. */
  readonly binds?: readonly (S extends "token" ? NeedName<Need> : never)[];
  /** Whether it needs no network; default `true`. */
  readonly local?: boolean;
  /** How long an answer is valid, in milliseconds. */
  readonly recheck?: number;
}

/**
 * A store whose answers a test sets, and which records its requests.
 *
 * @typeParam S The shape.
 * @typeParam Need The names of the options that name credentials.
 * @typeParam Request The request of a token store.
 *
 * @example Count what reaches a store
 * ```ts
 * import { createResolver, defineChain, required, variables } from "@alphaswarm/credentials";
 * import { type ScriptedStore, scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const vault: ScriptedStore<"variables"> = scriptedStore({
 *   shape: variables,
 *   answers: { user: "reader" },
 * });
 * const resolver = createResolver(defineChain({
 *   stores: { vault: vault.store({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { vault: { prefix: "" } } },
 *   },
 * }));
 * await Promise.all([resolver.resolve("db:user"), resolver.resolve("db:user")]);
 * console.log(vault.opened, vault.asked); // 1, ["user"]
 * ```
 * @category Testing
 */
export interface ScriptedStore<S extends ShapeName, Need extends string = never, Request = AnyRequest> {
  /** Creates the store for a chain: `script.store({ priority: 100 })`. */
  readonly store: StoreFactory<S, object, Need, Request>;
  /** Its answers by name; may be changed at any time. */
  readonly answers: Record<string, ScriptedAnswer<S, Need, Request>>;
  /** Its answer to every name or request, unless it is `undefined`; may be changed at any time. */
  answer: ScriptedAnswer<S, Need, Request>;
  /** Whether it answers asynchronously; may be changed at any time. */
  later: boolean;
  /** The names or requests that it has been asked for so far, in order. */
  readonly asked: LookUpRequest<S, Request>[];
  /** How often it has been opened. */
  readonly opened: number;
}

/**
 * Creates a store whose answers a test sets, and which records its requests.
 *
 * @typeParam S The shape.
 * @typeParam Need The names of the options that name credentials.
 * @typeParam Request The request of a token store.
 * @param options Its shape and its first answers.
 * @returns The scripted store. Its `store` goes into a chain; its `answers` and `answer` may be changed at any time.
 *
 * @example A server that starts to refuse
 * ```ts
 * import { createResolver, defineChain, denied, required, variables } from "@alphaswarm/credentials";
 * import { scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const vault = scriptedStore({ shape: variables, answers: { user: "reader" } });
 * const chain = defineChain({
 *   stores: { vault: vault.store({ priority: 100 }) },
 *   credentials: {
 *     "db:basic": { fields: { user: required() }, from: { vault: { prefix: "" } } },
 *   },
 * });
 * const resolver = createResolver(chain);
 * await resolver.resolve("db:basic");
 * console.log(vault.asked); // ["user"]
 *
 * vault.answer = denied("sealed"); // from now on
 * ```
 * @category Testing
 */
export function scriptedStore<S extends ShapeName, const Need extends string = never, Request = AnyRequest>(
  options: ScriptedOptions<S, Need, Request>,
): ScriptedStore<S, Need, Request> {
  const { shape, answers = {}, needs = [], binds = [], local = true, recheck } = options;
  let opened = 0;
  const script: ScriptedStore<S, Need, Request> = {
    answers,
    answer: options.answer,
    later: options.later ?? false,
    asked: [],
    get opened() {
      return opened;
    },
    store: defineStore<S, object, Need, Request>({
      kind: "scripted",
      shape,
      local,
      needs,
      binds,
      ...(recheck === undefined ? {} : { recheck }),
      open: () => {
        opened++;
        return (request, context) => {
          script.asked.push(request as LookUpRequest<S, Request>);
          const name = String(request);
          const named = Object.hasOwn(answers, name) ? answers[name] : undefined;
          const scripted = script.answer === undefined ? named : script.answer;
          const answer = () => play<S>(scripted, request, context);
          return script.later ? Promise.resolve().then(answer) : answer();
        };
      },
    }) as StoreFactory<S, object, Need, Request>,
  };
  return script;
}

function play<S extends ShapeName>(
  scripted: unknown,
  request: unknown,
  context: unknown,
): MaybePromise<LookUpAnswer<S>> {
  if (isRefusal(scripted)) return scripted;
  if (scripted instanceof Error) throw scripted;
  const answer = typeof scripted === "function" ? scripted(request, context) : scripted;
  return answer as MaybePromise<LookUpAnswer<S>>;
}
