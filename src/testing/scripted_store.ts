import type { MaybePromise } from "../core/chain/eventually.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { ShapeName, ShapeOf, Shapes } from "../core/chain/shape.ts";
import type { NeedName, StoreFactory } from "../core/chain/store.ts";
import type { Context, DocumentContext, TokenContext } from "../core/chain/store_spec.ts";
import { defineStore } from "../stores/define_store.ts";

/** The request type of a token store whose test does not declare one. @category Testing */
export type AnyRequest = Readonly<Record<string, unknown>>;

/** What a look-up returns: the shape's answer, `undefined` for a miss, or a refusal. @category Testing */
export type LookUpAnswer<S extends ShapeName> = Shapes[S]["answer"] | undefined | Refusal;

/** What a look-up is called with: a name, or the request of a token store. @category Testing */
export type LookUpRequest<S extends ShapeName, Request> = S extends "token" ? Request : string;

/**
 * The answer of a scripted store: the value to return, a promise of it (which may stay pending), an `Error` to throw, or
 * a function of the name or request.
 *
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

/** The options of a scripted store. @category Testing */
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
  /** Of a token store: those needs that what it gives ends with. */
  readonly binds?: readonly (S extends "token" ? NeedName<Need> : never)[];
  /** Whether it needs no network; default `true`. */
  readonly local?: boolean;
  /** How long an answer is valid, in milliseconds. */
  readonly recheck?: number;
}

/** A store whose answers a test sets, and which records its requests. @category Testing */
export interface ScriptedStore<S extends ShapeName, Need extends string = never, Request = AnyRequest> {
  /** Creates the store for a chain: `script.store({ priority: 100 })`. */
  readonly store: StoreFactory<S, object, Need, Request>;
  /** Its answers by name; may be changed at any time. */
  readonly answers: Record<string, ScriptedAnswer<S, Need, Request>>;
  /** Its answer to every name or request, unless it is `undefined`; may be changed at any time. */
  answer: ScriptedAnswer<S, Need, Request>;
  /** Whether it answers asynchronously; may be changed at any time. */
  later: boolean;
  /** The names or requests that it was asked for so far, in order. */
  readonly asked: LookUpRequest<S, Request>[];
  /** How often it was opened. */
  readonly opened: number;
}

/**
 * Creates a store whose answers a test sets, and which records its requests.
 *
 * @param options Its shape and its first answers.
 * @returns The scripted store. Its `store` goes into a chain; its `answers` and `answer` may be changed at any time.
 *
 * @example
 * ```ts
 * import { createResolver, defineChain, denied, required, variables } from "@alphaswarm/credentials";
 * import { scriptedStore } from "@alphaswarm/credentials/testing";
 *
 * const vault = scriptedStore({ shape: variables, answers: { user: "reader" } });
 * const chain = defineChain({
 *   stores: { vault: vault.store({ priority: 100 }) },
 *   credentials: { "db:basic": { fields: { user: required() }, from: { vault: { prefix: "" } } } },
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
