import type { MaybePromise } from "../eventually.ts";
import { isRefusal, type Refusal } from "../outcome.ts";
import type { ShapeName, ShapeOf, Shapes } from "../shapes/shape.ts";
import { type Context, defineStore, type StoreFactory } from "../stores/store.ts";

/** What a token store is asked for, where a test does not say. @category Testing */
export type AnyRequest = Readonly<Record<string, unknown>>;

/** What a look-up gives: the shape's answer, a miss, or a refusal. @category Testing */
export type LookUpAnswer<S extends ShapeName> = Shapes[S]["answer"] | undefined | Refusal;

/** What a look-up takes: a name, or a token store's request. @category Testing */
export type LookUpRequest<S extends ShapeName, Request> = S extends "token" ? Request : string;

/**
 * What a scripted store says: an answer, a promise of one (one that never settles hangs), an `Error` that is thrown, or
 * a function of what is asked.
 *
 * @category Testing
 */
export type ScriptedAnswer<S extends ShapeName, Need extends string = never, Request = AnyRequest> =
  | LookUpAnswer<S>
  | Error
  | PromiseLike<LookUpAnswer<S>>
  | ((what: LookUpRequest<S, Request>, context: Context<Need>) => MaybePromise<LookUpAnswer<S>>);

/** How a scripted store begins. @category Testing */
export interface ScriptedOptions<S extends ShapeName, Need extends string = never, Request = AnyRequest> {
  /** `variables`, `document` or `token`. */
  readonly shape: ShapeOf<S>;
  /** What it says to each name; a name that isn't here is a miss. The record may change later. */
  readonly answers?: Record<string, ScriptedAnswer<S, Need, Request>>;
  /** What it says to everything, unless it is `undefined`. */
  readonly answer?: ScriptedAnswer<S, Need, Request>;
  /** Whether its answers come later than at once. */
  readonly later?: boolean;
  /** The options that name credentials which it needs. */
  readonly needs?: readonly Need[];
  /** Whether it needs no network. */
  readonly local?: boolean;
  /** How long an answer counts, in milliseconds. */
  readonly recheck?: number;
}

/** A store that says what a test wants, and remembers what it was asked. @category Testing */
export interface ScriptedStore<S extends ShapeName, Need extends string = never, Request = AnyRequest> {
  /** Makes the store for a chain: `script.store({ priority: 100 })`. */
  readonly store: StoreFactory<S, object, Need, Request>;
  /** What it says to each name, to be changed at will. */
  readonly answers: Record<string, ScriptedAnswer<S, Need, Request>>;
  /** What it says to everything, unless it is `undefined`; to be changed at will. */
  answer: ScriptedAnswer<S, Need, Request>;
  /** Whether its answers come later than at once; to be changed at will. */
  later: boolean;
  /** What it was asked so far, in that order. */
  readonly asked: LookUpRequest<S, Request>[];
  /** How often it was opened. */
  readonly opened: number;
}

/**
 * Makes a store that says what a test wants, and remembers what it was asked.
 *
 * @param options Its shape, and what it says at first.
 * @returns The script: its `store` goes into a chain, its `answers` and `answer` may change at any time.
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
  const { shape, answers = {}, needs = [], local = true, recheck } = options;
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
      ...(recheck === undefined ? {} : { recheck }),
      open: () => {
        opened++;
        return (what, context) => {
          script.asked.push(what as LookUpRequest<S, Request>);
          const name = String(what);
          const own = Object.hasOwn(answers, name) ? answers[name] : undefined;
          const said = script.answer === undefined ? own : script.answer;
          const say = () => sayNow<S>(said, what, context);
          return script.later ? Promise.resolve().then(say) : say();
        };
      },
    }) as StoreFactory<S, object, Need, Request>,
  };
  return script;
}

function sayNow<S extends ShapeName>(said: unknown, what: unknown, context: unknown): MaybePromise<LookUpAnswer<S>> {
  if (isRefusal(said)) return said;
  if (said instanceof Error) throw said;
  return (typeof said === "function" ? said(what, context) : said) as MaybePromise<LookUpAnswer<S>>;
}
