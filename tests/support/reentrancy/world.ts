import {
  createResolver,
  type Credential,
  type LogEvent,
  memory,
  required,
  type Resolver,
  type Store,
} from "../../../mod.ts";
import { type TestClock, testHost } from "../../../src/testing/mod.ts";
import { chance } from "../outages/chance.ts";
import { simulatedClock } from "../outages/simulated_clock.ts";
import { type Mood, type MoodyStores, moodyStores } from "./moods.ts";

/** A resolver of any chain. */
export type AnyResolver = Resolver<Record<string, { readonly user: ReturnType<typeof required> }>>;

/** A random chain at work: needs two deep, stores whose moods change, and what happened so far. */
export interface World {
  readonly seed: number;
  readonly random: () => number;
  readonly clock: TestClock;
  readonly resolver: AnyResolver;
  readonly keys: readonly string[];
  readonly stores: MoodyStores;
  readonly rotate: (store: string) => void;
  readonly names: readonly string[];
  readonly moods: readonly Mood[];
  /** Whether one call comes after the other, and listeners do nothing: then the order of everything is known. */
  readonly isSerial: boolean;
  /** Whether a caller gave up, so that its walk may still be in progress. */
  gaveUp: boolean;
  /** What the log does. */
  onLog: (event: LogEvent) => unknown;
  /** What broke, in words. */
  readonly broken: string[];
  /** A store that may be installed. */
  readonly spare: (priority: number) => Store;
}

const ALL: readonly Mood[] = ["well", "rotating", "down", "denying", "refusing a need", "invalid", "empty", "throwing"];

/** Creates a random chain from a seed. */
export function makeWorld(seed: number): World {
  const random = chance(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const clock = simulatedClock();
  const isSerial = random() < 0.3;
  const { state, rotate, statics, tokens } = moodyStores(clock, random);
  const way = () => pick([0, 1, 2]);
  const recheck = () => pick([0, 0, 1_000, 5_000, Infinity]);
  const priorities = [9, 8, 7, 6, 5].map((each) => [random(), each] as const).sort(([a], [b]) => a - b).map((
    [, each],
  ) => each);
  const expired = () => pick(["serve", "next", "stop"] as const);
  const stores: Record<string, Store> = {
    secrets: statics("secrets", way(), [], recheck())({ priority: priorities[0]! }),
    settings: statics("settings", way(), ["client"], recheck())({
      priority: priorities[1]!,
      client: "a:client",
    }),
    m2m: tokens("m2m", way(), ["client"])({ priority: priorities[2]!, client: "a:client", onExpired: expired() }),
    sts: tokens("sts", way(), ["login"])({ priority: priorities[3]!, login: "b:token", onExpired: expired() }),
    both: tokens("both", way(), ["client", "login"])({
      priority: priorities[4]!,
      client: "a:client",
      login: "b:token",
      onExpired: expired(),
    }),
    below: memory({ priority: 1, values: { user: "below" } }),
  };
  const fields = { user: required() };
  const from = (store: string) => ({
    [store]: ["m2m", "sts", "both"].includes(store) ? true : { prefix: "" },
    ...(random() < 0.4 && { below: { prefix: "" } }),
  });
  const chain = {
    stores,
    credentials: {
      "a:client": { fields, from: from("secrets") },
      "b:token": { fields, from: from("m2m") },
      "b:same": { fields, from: from("m2m") },
      "c:session": { fields, from: from("sts") },
      "c:both": { fields, from: { ...from("both"), ...from("settings") } },
      "d:static": { fields, from: from("settings") },
    },
  };
  const broken: string[] = [];
  const log = (event: LogEvent) => {
    if (state.asking > 0) broken.push(`the log was told ${event.type} within a look-up`);
    return world.onLog(event);
  };
  const host = { ...testHost({ clock, random, requestBound: random() < 0.1 }), log: log as (event: LogEvent) => void };
  const world: World = {
    seed,
    random,
    clock,
    resolver: createResolver(chain as never, host) as unknown as AnyResolver,
    keys: Object.keys(chain.credentials),
    stores: state,
    rotate,
    names: ["secrets", "settings", "m2m", "sts", "both"],
    moods: random() < 0.3 ? [...ALL, "hung"] : ALL,
    isSerial,
    gaveUp: false,
    onLog: () => {},
    broken,
    spare: (priority) => memory({ priority, values: { user: `spare ${Math.floor(random() * 3)}` } }),
  };
  return world;
}

/** Watches what listeners are told: outside of look-ups, each change once, and what is held. */
export function watch(world: World) {
  const { resolver, keys, stores, broken } = world;
  const isOrdered = () => world.isSerial && !world.gaveUp;
  const told = new WeakSet<Credential>();
  const last = new Map<string, Credential>();
  for (const key of keys) {
    resolver.onChange(key, (credential: Credential) => {
      if (stores.asking > 0) broken.push(`a listener for ${key} was told within a look-up`);
      if (told.has(credential)) broken.push(`a listener for ${key} was told twice of one credential`);
      told.add(credential);
      if (!isOrdered()) return;
      if (stores.pending.size > 0) broken.push(`a listener for ${key} was told while a look-up was in progress`);
      // Hint: what changed early in a call may have been refused before the call was over; then nothing is held.
      const held = resolver.peek(key);
      if (held && held !== credential) broken.push(`a listener for ${key} was told of a credential that was replaced`);
    });
  }
  return {
    /** Checks, when a call settles that walked, that listeners were told of what changed. */
    settled: (key: string, credential: Credential) => {
      if (credential.source === "default") return;
      const before = last.get(key);
      last.set(key, credential);
      if (isOrdered() && before && before !== credential && !told.has(credential)) {
        broken.push(`nobody was told of a new credential ${key} before the call settled`);
      }
    },
  };
}
