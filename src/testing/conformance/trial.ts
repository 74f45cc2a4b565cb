import { CredentialError } from "../../errors.ts";
import { optional, required } from "../../field.ts";
import { ambient, type Clock, type Files, type Host } from "../../host.ts";
import type { AnyChain } from "../../insides.ts";
import { createResolver, type Resolver } from "../../resolver.ts";
import { memory } from "../../stores/memory.ts";
import type { StoreOptions } from "../../stores/store.ts";
import type { ConformanceValues, StoreHarness } from "./harness.ts";

/** The key of the credential that the checks use. */
export const KEY = "conformance:check";

/** What a lower store has, which only an outage or a miss may lead to. */
export const LOWER = { user: "lower-user", password: "lower-password" };

/** How long the store under test may take, in milliseconds. */
const TIMEOUT = 100;
const DAY = 86_400_000;

/** Fails a check. */
export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Expected ${what}`);
}

/** One store under test: its harness, a resolver with it in front, and a clock that can be put forward. */
export class Trial {
  readonly harness: StoreHarness;
  readonly resolver: Resolver;
  /** How often anything ambient was touched. */
  touches = 0;
  #ahead = 0;

  constructor(harness: StoreHarness, options: Partial<StoreOptions> = {}, { lower = false, from = harness.from } = {}) {
    this.harness = harness;
    this.resolver = createResolver(
      {
        stores: {
          tested: harness.store({ priority: 200, timeout: TIMEOUT, ...options }),
          lower: memory({ priority: 100, values: LOWER }),
        },
        credentials: {
          [KEY]: {
            fields: { user: required(), password: required(), note: optional() },
            from: { tested: from, ...(lower ? { lower: { fields: { user: "user", password: "password" } } } : {}) },
          },
        },
      } as AnyChain,
      this.#host(harness.host),
    );
  }

  /** Lets what is held grow old, and asks again. */
  async again(): ReturnType<Resolver["find"]> {
    this.#ahead += 2 * DAY;
    this.resolver.invalidate(KEY);
    return await this.resolver.find(KEY);
  }

  /** The error that asking ends with; a caller's default stands by, so that it must not hide the error. */
  async error(): Promise<CredentialError> {
    this.#ahead += 2 * DAY;
    this.resolver.invalidate(KEY);
    try {
      await this.resolver.resolve(KEY, { default: LOWER as never });
    } catch (error) {
      expect(error instanceof CredentialError, "a CredentialError");
      return error;
    }
    throw new Error("Expected an error, found a credential");
  }

  #host(host: Host | undefined): Host {
    const given = ambient(host);
    const touch = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
      this.touches++;
      return call(...args);
    };
    const counted = (files: Files | undefined): Files | undefined =>
      files && { info: touch(files.info), realPath: touch(files.realPath), text: touch(files.text) };
    const files = counted(given.files);
    const slowFiles = counted(given.slowFiles);
    return {
      env: touch(given.variable),
      files: files ?? false,
      ...(slowFiles && { slowFiles }),
      fetch: touch(given.fetch),
      clock: this.#clock(),
    };
  }

  #clock(): Clock {
    return {
      now: () => Date.now() + this.#ahead,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    };
  }
}

/** Values that nothing else in a process has. */
export function secrets(): Required<ConformanceValues> {
  return { user: `user-${crypto.randomUUID()}`, password: crypto.randomUUID(), note: crypto.randomUUID() };
}

/** Whether anything that can be reached from a thing holds one of these values. */
export function leaks(thing: unknown, values: ConformanceValues, seen: Set<unknown> = new Set()): boolean {
  if (typeof thing === "string") return Object.values(values).some((value) => thing.includes(value));
  if (typeof thing !== "object" || thing === null || seen.has(thing)) return false;
  seen.add(thing);
  return Object.values(values).some((value) => `${thing} ${JSON.stringify(thing)}`.includes(value)) ||
    Reflect.ownKeys(thing).some((name) =>
      leaks(name, values, seen) || leaks((thing as Record<PropertyKey, unknown>)[name], values, seen)
    );
}
