import { CredentialError } from "../../core/chain/errors.ts";
import { optional, required } from "../../core/chain/field.ts";
import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { Clock, Files, Host } from "../../core/chain/host.ts";
import { ambient } from "../../core/runtime/ambient.ts";
import { partsFor } from "../../core/source/store_in_use.ts";
import type { AnyChain } from "../../core/chain/chain.ts";
import { createResolver } from "../../core/engine/create_resolver.ts";
import type { Resolver } from "../../core/engine/resolver.ts";
import { memory } from "../../stores/memory.ts";
import type { Credential } from "../../core/chain/credential.ts";
import type { Store, StoreOptions } from "../../core/chain/store.ts";
import { partsOf, storeKind } from "../../core/chain/store_kind.ts";
import { asyncDispose } from "../../core/engine/disposable.ts";
import { internals } from "../../core/engine/internals.ts";
import { type Perform, performOn } from "../../core/engine/perform.ts";
import { Needed } from "./needed.ts";
import type { Observed } from "./observed.ts";
import type { ConformanceLimit, ConformanceValues, StoreHarness } from "./harness.ts";

/** One check, and the abilities of the harness that it requires. */
export interface Check {
  readonly name: string;
  readonly requires?: readonly ConformanceLimit[];
  readonly run: (harness: StoreHarness) => Promise<void>;
}

/** The key of the credential that the checks use. */
export const KEY = "conformance:check";

/** The values of the lower store, which may be used only after an outage or a miss. */
export const LOWER_VALUES = { user: "lower-user", password: "lower-password" };

/** The run of a check. */
export interface Run {
  /** How long a look-up of the store under test may take, in milliseconds. */
  readonly timeout: number;
  /** Whether a look-up took longer. */
  isTooLong: boolean;
  /** The declarations of the credentials that the store needs. */
  readonly needed: Readonly<Record<string, object>>;
  readonly cannot: readonly ConformanceLimit[];
  readonly fixtures: Fixture[];
}

/** The run of each harness. */
export const runs: WeakMap<StoreHarness, Run> = /* @__PURE__ */ new WeakMap();

/** How a check uses a store. */
export interface FixtureOptions {
  /** Whether a lower store has the credential. */
  readonly lower?: boolean;
  /** The mapping; default that of the harness. */
  readonly from?: unknown;
  readonly observed?: Observed;
  /** The optional need to leave out. */
  readonly without?: string;
}

/** How long a check waits for a place that never answers. */
export const STALL_TIMEOUT_MS = 100;

const DAY_MS = 86_400_000;

/** Waits until a condition holds, for as long as a look-up may take; returns whether it does. */
export async function becomes(harness: StoreHarness, isSo: () => MaybePromise<boolean>): Promise<boolean> {
  const end = Date.now() + runs.get(harness)!.timeout;
  while (!await isSo()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}

/** Throws unless a condition holds. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

/** A store under test: its harness, a resolver that asks it first, and a clock that can be advanced. */
export class Fixture {
  readonly harness: StoreHarness;
  readonly resolver: Resolver;
  readonly needed: Needed;
  /** How often the store used its host: variables, files or network. */
  hostCalls = 0;
  #clockOffsetMs = 0;
  #closingMs: number | undefined;

  constructor(
    harness: StoreHarness,
    options: Partial<StoreOptions> = {},
    { lower = false, from = harness.from, observed, without }: FixtureOptions = {},
  ) {
    this.harness = harness;
    const run = runs.get(harness)!;
    const { needs = {}, host } = harness;
    const made = harness.store({ priority: 200, timeout: run.timeout, ...options });
    const { spec, options: given, uses } = partsOf(made)!;
    const complete = without === undefined
      ? made
      : storeKind(spec, uses)({ ...given, [without]: undefined } as never) as Store;
    const tested = observed?.store(complete) ?? complete;
    for (const key of tested.needs) {
      expect(Object.hasOwn(needs, key), `needs of the harness to have "${key}", which the store needs`);
    }
    this.needed = new Needed(needs);
    this.resolver = createResolver(
      {
        stores: {
          tested,
          ...(harness.needs && { needed: this.needed.store }),
          lower: memory({ priority: 100, values: LOWER_VALUES }),
        },
        credentials: {
          [KEY]: {
            fields: { user: required(), password: required(), note: optional() },
            from: { tested: from, ...(lower ? { lower: { fields: { user: "user", password: "password" } } } : {}) },
          },
          ...run.needed,
        },
      } as AnyChain,
      this.#host(host, tested, run),
    );
    run.fixtures.push(this);
  }

  /** The time by the clock of the store. */
  get now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** Runs a function with the store's look-up and a new context; the store must have been asked before. */
  get perform(): Perform {
    const { plan } = internals(this.resolver);
    return performOn(this.resolver, plan.credentials.get(KEY)!.sources[0]!);
  }

  /** Returns whether an object shows a value, or a secret that the store was given. */
  leaks(subject: unknown, values: ConformanceValues): boolean {
    return leaks(subject, { ...values, ...this.needed.secrets });
  }

  /** Disposes of the resolver, which closes the store within some milliseconds. */
  async close(ms: number): Promise<void> {
    this.#closingMs = ms;
    await this.resolver[asyncDispose]();
  }

  /** Advances the clock, by default past the life of what is held, and resolves again. */
  async resolveAgain(ms: number = 2 * DAY_MS): ReturnType<Resolver["find"]> {
    this.#clockOffsetMs += ms;
    this.resolver.invalidate(KEY);
    return await this.resolver.find(KEY);
  }

  /** Does the same as `resolveAgain`, but returns the error, which the caller's default must not hide. */
  async resolveError(ms: number = 2 * DAY_MS): Promise<CredentialError> {
    this.#clockOffsetMs += ms;
    this.resolver.invalidate(KEY);
    try {
      await this.resolver.resolve(KEY, { default: LOWER_VALUES as never });
    } catch (error) {
      expect(error instanceof CredentialError, "a CredentialError");
      return error;
    }
    throw new Error("Expected an error, found a credential");
  }

  #host(host: Host | undefined, tested: Store, run: Run): Host {
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
      clock: this.#clock(run),
    };
  }

  #clock(run: Run): Clock {
    const { after } = ambient().clock;
    return {
      now: () => this.now,
      after: (ms, then, background) =>
        after(
          background ? ms : Math.min(ms, this.#closingMs ?? ms),
          () => {
            if (ms === run.timeout) run.isTooLong = true;
            then();
          },
          background,
        ),
    };
  }
}

/** Creates unique values. */
export function secrets(): Required<ConformanceValues> {
  return { user: `user-${crypto.randomUUID()}`, password: crypto.randomUUID(), note: crypto.randomUUID() };
}

/** Returns the values of a credential, which were put or issued by the place. */
export function valuesOf(credential: Pick<Credential, "get">): ConformanceValues {
  const [user, password, note] = ["user", "password", "note"].map((name) => credential.get(name as never) as string);
  return { user: user!, password: password!, ...(note !== undefined && { note }) };
}

/** Returns whether one of the values can be reached from an object, or is in its text. */
function leaks(subject: unknown, values: Readonly<Record<string, string>>, seen: Set<unknown> = new Set()): boolean {
  if (typeof subject === "string") return Object.values(values).some((value) => subject.includes(value));
  if (typeof subject !== "object" || subject === null || seen.has(subject)) return false;
  seen.add(subject);
  return Object.values(values).some((value) => `${subject} ${JSON.stringify(subject)}`.includes(value)) ||
    Reflect.ownKeys(subject).some((name) =>
      leaks(name, values, seen) || leaks((subject as Record<PropertyKey, unknown>)[name], values, seen)
    );
}
