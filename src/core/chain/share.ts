import type { MaybePromise } from "./eventually.ts";
import type { Reference } from "./reference.ts";

/**
 * What an engine stores under a name, and the engine's time.
 *
 * @example An entry, and a name under which nothing is
 * ```ts
 * import type { Registered } from "@alphaswarm/credentials/share";
 *
 * const there: Registered = { now: 1_767_225_600_000, text: "sealed", version: 7 };
 * const nothing: Registered = { now: 1_767_225_600_000 };
 * ```
 * @category Share
 */
export interface Registered {
  /** The engine's own time, in milliseconds since 1970. */
  readonly now: number;
  /** The text; absent if nothing is there. */
  readonly text?: string | undefined;
  /** Identifies this text for `swap`; absent if nothing is there. */
  readonly version?: unknown;
}

/**
 * What an engine is: a clock, and one text for each name, which only a caller that knows the present text can replace.
 * What it throws counts as an outage; it may throw `denied(…)` if the engine refuses its credential, and `invalid(…)`
 * if it does not answer as it should.
 *
 * @example An engine within one process, whose texts are their own versions
 * ```ts
 * import type { Register } from "@alphaswarm/credentials/share";
 *
 * const texts = new Map<string, string>();
 * const register: Register = {
 *   get: (name) =>
 *     Promise.resolve({ now: Date.now(), text: texts.get(name), version: texts.get(name) }),
 *   swap(name, before, text) {
 *     if (texts.get(name) !== before) return Promise.resolve(undefined);
 *     texts.set(name, text);
 *     return Promise.resolve(text);
 *   },
 * };
 * ```
 * @category Share
 */
export interface Register {
  /** Reads what is there, from where it is written, since a replica may lag behind. */
  get(name: string): Promise<Registered>;
  /**
   * Replaces a text, if it is still the one that was read.
   *
   * @param name The name.
   * @param before Its `version`; `undefined` if nothing may be there.
   * @param text The text that takes its place.
   * @param ttl How long the text is kept, in milliseconds.
   * @returns The version of the new text, which is neither `true` nor `false`; `undefined` or `null` if another change
   * came first.
   */
  swap(name: string, before: unknown, text: string, ttl: number): Promise<unknown>;
}

/**
 * A register that is open, with its connection.
 *
 * @example A connection that is closed with the resolver
 * ```ts
 * import type { OpenRegister, Register } from "@alphaswarm/credentials/share";
 *
 * function opened(register: Register, socket: { end(): Promise<void> }): OpenRegister {
 *   return { ...register, close: () => socket.end() };
 * }
 * ```
 * @category Share
 */
export interface OpenRegister extends Register {
  /** Closes the connection; no call of the register follows. */
  close?(): MaybePromise<unknown>;
}

/**
 * The options of every engine.
 *
 * @example A fleet whose machines log in as one workload
 * ```ts
 * import { fromEnv } from "@alphaswarm/credentials";
 * import type { ShareOptions } from "@alphaswarm/credentials/share";
 *
 * const options: ShareOptions = {
 *   credential: "fleet:redis", // how the engine is reached
 *   seal: "fleet:seal", // with which entries are sealed
 *   principal: fromEnv("SERVICE_ACCOUNT"),
 *   timeout: 300,
 * };
 * ```
 * @category Share
 */
export interface ShareOptions {
  /** The key of the credential by which the engine is reached; without it, `connect` is called with `undefined`. */
  readonly credential?: string;
  /** The key of a credential with a field `key`: 32 random bytes or more, in base64. */
  readonly seal: string;
  /**
   * Who the fleet logs in as, where the machine itself gives the login (a projected token, a runner's identity). It is
   * part of what identifies a token.
   */
  readonly principal?: string | Reference;
  /** How long a machine that obtains a token may be silent, in milliseconds: 500 to 60,000; 2,000 unless set. */
  readonly lease?: number;
  /** How long the engine may take for one answer, in milliseconds: 50 to 60,000; 500 unless set, and 3,000 for its first one. */
  readonly timeout?: number;
}

/**
 * Shares the tokens of a store among all machines that use the same engine and seal. It is inert.
 *
 * @typeParam Needed The keys of the credentials that it needs.
 *
 * @example A share is an option of a token store
 * ```ts
 * import type { Share } from "@alphaswarm/credentials";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 * import { redis } from "@alphaswarm/credentials/share";
 *
 * const send = () => Promise.reject(new Error("a client of Redis goes here"));
 * const share: Share<"fleet:seal"> = redis({
 *   seal: "fleet:seal",
 *   connect: () => ({ send }),
 * });
 * const store = oauth2({
 *   priority: 300,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 *   share,
 * });
 * console.log(store.needs); // ["m2m:client", "fleet:seal"]
 * ```
 * @category Share
 */
export interface Share<Needed extends string = string> {
  /** The kind of engine, for example `"redis"`. */
  readonly engine: string;
  /** The keys of the credentials that it needs: the seal, and how to reach the engine. */
  readonly needs: readonly Needed[];
}

/**
 * The state of an engine when it was last asked: it answers (`on`), it does not (`away`), it refuses its credential
 * (`refused`), or its answer is not that of an engine (`misunderstood`).
 *
 * @example Engines that need attention
 * ```ts
 * import type { EngineState, Resolver } from "@alphaswarm/credentials";
 *
 * const wrong: readonly (EngineState | undefined)[] = ["refused", "misunderstood"];
 * function storesWithoutEngine(resolver: Resolver): readonly string[] {
 *   return resolver.describe().stores.filter(({ share }) => wrong.includes(share?.state))
 *     .map(({ name }) => name);
 * }
 * ```
 * @category Description
 */
export type EngineState = "on" | "away" | "refused" | "misunderstood";

/**
 * How the tokens of a store are shared.
 *
 * @example How many tokens a machine did not have to ask its server for
 * ```ts
 * import type { Resolver, ShareDescription } from "@alphaswarm/credentials";
 *
 * const total = ({ minted, received }: ShareDescription) => minted + received;
 * function savings(resolver: Resolver): readonly string[] {
 *   return resolver.describe().stores.flatMap(({ name, share }) =>
 *     share
 *       ? [`${name}: ${share.received} of ${total(share)} tokens from other machines`]
 *       : []
 *   );
 * }
 * ```
 * @category Description
 */
export interface ShareDescription {
  /** The kind of engine. */
  readonly engine: string;
  /** Its state when it was last asked; absent before that. */
  readonly state?: EngineState;
  /** The first 8 characters of each entry's name; they are equal on two machines that share a token. */
  readonly entries: readonly string[];
  /** How many tokens this process obtained from the server, with or without the engine. */
  readonly minted: number;
  /** How many it received from other machines. */
  readonly received: number;
}
