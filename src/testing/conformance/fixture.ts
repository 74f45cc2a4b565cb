import { CredentialError } from "../../core/chain/errors.ts";
import { optional, required } from "../../core/chain/field.ts";
import type { Clock, Files, Host } from "../../core/chain/host.ts";
import { ambient } from "../../core/runtime/ambient.ts";
import { partsFor } from "../../core/source/store_in_use.ts";
import type { AnyChain } from "../../core/chain/chain.ts";
import { createResolver } from "../../core/engine/create_resolver.ts";
import type { Resolver } from "../../core/engine/resolver.ts";
import { memory } from "../../stores/memory.ts";
import type { Store, StoreOptions } from "../../core/chain/store.ts";
import { partsOf } from "../../core/chain/store_kind.ts";
import type { ConformanceLimit, ConformanceValues, StoreHarness } from "./harness.ts";

/** One check, and the abilities of the harness that it requires. */
export interface Check {
  readonly name: string;
  readonly requires?: readonly ConformanceLimit[];
  readonly run: (harness: StoreHarness) => Promise<void>;
}

/** The key of the credential that the checks use. */
export const KEY = "conformance:check";

/** The values of the lower store, which only an outage or a miss may lead to. */
export const LOWER_VALUES = { user: "lower-user", password: "lower-password" };

/** How long a look-up of a store under test may take, in milliseconds, and whether one took longer. */
export interface Limit {
  readonly timeout: number;
  isReached: boolean;
}

/** The limit of each harness. */
export const limits: WeakMap<StoreHarness, Limit> = /* @__PURE__ */ new WeakMap();

const DAY_MS = 86_400_000;

/** Throws unless a condition holds. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

/** A store under test: its harness, a resolver that asks it first, and a clock that can be advanced. */
export class Fixture {
  readonly harness: StoreHarness;
  readonly resolver: Resolver;
  /** How often the store used its host: variables, files or network. */
  hostCalls = 0;
  #clockOffsetMs = 0;

  constructor(harness: StoreHarness, options: Partial<StoreOptions> = {}, { lower = false, from = harness.from } = {}) {
    this.harness = harness;
    const limit = limits.get(harness)!;
    const tested = harness.store({ priority: 200, timeout: limit.timeout, ...options });
    this.resolver = createResolver(
      {
        stores: {
          tested,
          lower: memory({ priority: 100, values: LOWER_VALUES }),
        },
        credentials: {
          [KEY]: {
            fields: { user: required(), password: required(), note: optional() },
            from: { tested: from, ...(lower ? { lower: { fields: { user: "user", password: "password" } } } : {}) },
          },
        },
      } as AnyChain,
      this.#host(harness.host, tested, limit),
    );
  }

  /** Advances the clock beyond the life of what is held, and resolves again. */
  async resolveAgain(): ReturnType<Resolver["find"]> {
    this.#clockOffsetMs += 2 * DAY_MS;
    this.resolver.invalidate(KEY);
    return await this.resolver.find(KEY);
  }

  /** Resolves again and returns the error, which the caller's default must not hide. */
  async resolveError(): Promise<CredentialError> {
    this.#clockOffsetMs += 2 * DAY_MS;
    this.resolver.invalidate(KEY);
    try {
      await this.resolver.resolve(KEY, { default: LOWER_VALUES as never });
    } catch (error) {
      expect(error instanceof CredentialError, "a CredentialError");
      return error;
    }
    throw new Error("Expected an error, found a credential");
  }

  #host(host: Host | undefined, tested: Store, limit: Limit): Host {
    const real = ambient(host);
    const counted = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
      this.hostCalls++;
      return call(...args);
    };
    const countedFiles = (files: Files | undefined): Files | undefined =>
      files && { info: counted(files.info), realPath: counted(files.realPath), text: counted(files.text) };
    // Hint: a store that does not name the runtime's files in its `uses` must not get them here either.
    const parts = partsFor(partsOf(tested)!, real);
    const files = countedFiles(parts.files);
    const asyncFiles = countedFiles(parts.asyncFiles);
    return {
      env: counted(real.variable),
      files: files ?? false,
      ...(asyncFiles && { asyncFiles }),
      fetch: counted(real.fetch),
      clock: this.#clock(limit),
    };
  }

  #clock(limit: Limit): Clock {
    return {
      now: () => Date.now() + this.#clockOffsetMs,
      after: (ms, run) => {
        const timer = setTimeout(() => {
          if (ms === limit.timeout) limit.isReached = true;
          run();
        }, ms);
        return () => clearTimeout(timer);
      },
    };
  }
}

/** Creates values that occur nowhere else. */
export function secrets(): Required<ConformanceValues> {
  return { user: `user-${crypto.randomUUID()}`, password: crypto.randomUUID(), note: crypto.randomUUID() };
}

/** Says whether one of the values can be reached from an object or is in a text of it. */
export function leaks(subject: unknown, values: ConformanceValues, seen: Set<unknown> = new Set()): boolean {
  if (typeof subject === "string") return Object.values(values).some((value) => subject.includes(value));
  if (typeof subject !== "object" || subject === null || seen.has(subject)) return false;
  seen.add(subject);
  return Object.values(values).some((value) => `${subject} ${JSON.stringify(subject)}`.includes(value)) ||
    Reflect.ownKeys(subject).some((name) =>
      leaks(name, values, seen) || leaks((subject as Record<PropertyKey, unknown>)[name], values, seen)
    );
}
