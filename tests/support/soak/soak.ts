import { createResolver, type Credential, type CredentialError, type Resolver } from "../../../mod.ts";
import { type TestClock, testHost } from "../../../src/testing/mod.ts";
import { chance } from "../outages/chance.ts";
import { simulatedClock, turns } from "../outages/simulated_clock.ts";
import { type BigChain, bigChain, type BigCredential, type BigStore, CLIENTS, namesOf } from "./big_chain.ts";
import { askedInAnHour, backoffOf } from "./bounds.ts";
import { Faults, MEMORY_MS, planFaults, QUIET } from "./faults.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long the soak is, in simulated time. */
export const SOAK_MS = 60 * MINUTE;
/** How long there are no faults at first. */
const WARM_UP_MS = 2 * MINUTE;
/** How many calls there are in each quarter of a second. */
const CALLS = 10;
const STEP_MS = SECOND / 4;

/** How far the clock goes back at most. */
const MAX_JUMP_MS = 2 * MINUTE;

type AnyResolver = Resolver<Record<string, { readonly value: { presence: "required" } }>>;

/** What is known of a credential. */
interface Known {
  /** Until when what it gave last may be used. */
  goodUntil: number;
  /** When the value at its root was last changed, and to which version, in milliseconds since the start. */
  readonly rotations: (readonly [at: number, version: number])[];
}

/** What came of a soak. */
export interface SoakReport {
  calls: number;
  failed: number;
  degraded: number;
  /** What the design does not call for, in words; the first of them. */
  readonly broken: string[];
  /** The heap after a collection at each ten minutes, in bytes. */
  readonly heap: number[];
  /** The most timers that were pending at once, and those that were left. */
  timers: number;
  timersLeft: number;
  /** How often each store was asked, and how often it may be. */
  readonly asked: Record<string, readonly [asked: number, bound: number]>;
}

/** One hour of a chain of 200 credentials, with faults at random. */
export class Soak {
  readonly #random: () => number;
  readonly #clock: TestClock = simulatedClock(() => turns(2));
  readonly #big: BigChain;
  readonly #faults: Faults;
  readonly #resolver: AnyResolver;
  readonly #known = new Map<string, Known>();
  #elapsed = 0;
  #latest: Credential | undefined;
  /** How often a value was rotated or refused, by store and name. */
  readonly #touched = new Map<string, number>();
  readonly report: SoakReport = {
    calls: 0,
    failed: 0,
    degraded: 0,
    broken: [],
    heap: [],
    timers: 0,
    timersLeft: 0,
    asked: {},
  };
  #jumps = 0;
  #jumpedAt = -Infinity;
  /** How far the clock went back in all: a backoff that nothing ends is longer by that. */
  #jumpedMs = 0;

  constructor(seed: number) {
    const random = this.#random = chance(seed);
    this.#big = bigChain({ clock: this.#clock, elapsed: () => this.#elapsed, faults: () => this.#faults });
    const names = this.#big.stores.map(({ name }) => name);
    this.#faults = new Faults(planFaults(names, random, { from: WARM_UP_MS, to: SOAK_MS - 2 * MINUTE }));
    const host = testHost({ clock: this.#clock, random });
    // Hint: the events of an hour are not kept.
    this.#resolver = createResolver(this.#big.chain as never, { ...host, log: () => {} }) as unknown as AnyResolver;
    for (const { key } of this.#big.credentials) this.#known.set(key, { goodUntil: 0, rotations: [] });
  }

  /** Runs it, and measures the heap by a function every ten minutes. */
  async run(heap: () => number): Promise<SoakReport> {
    const { report } = this;
    for (const credential of this.#big.credentials) this.#call(credential);
    for (let step = 1; this.#elapsed < SOAK_MS; step++) {
      this.#disturb();
      for (let call = 0; call < CALLS; call++) this.#call(this.#pick(this.#big.credentials));
      await this.#clock.advance(STEP_MS);
      this.#elapsed += STEP_MS;
      report.timers = Math.max(report.timers, this.#clock.timers);
      if (this.#elapsed % (10 * MINUTE) === 0) report.heap.push(heap());
    }
    await this.#clock.advance(MINUTE);
    report.timersLeft = this.#clock.timers;
    for (const store of this.#big.stores) report.asked[store.name] = [store.asked, this.#boundOf(store)];
    return report;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  /** Rotates a value, lets a service refuse a token, or sets the clock back. */
  #disturb(): void {
    const at = this.#random() * SECOND;
    if (this.#elapsed < WARM_UP_MS) return;
    const isQuiet = this.#elapsed > QUIET.from && this.#elapsed < QUIET.to;
    if (at < 5 || isQuiet && at > 980) this.#rotate();
    else if (at < 10 && this.#latest) {
      this.#resolver.invalidate(this.#latest as never);
      for (let key: string | undefined = this.#latest.key; key;) {
        const refused = this.#byKey(key);
        this.#touch(refused);
        this.#known.get(key)!.goodUntil = 0;
        key = refused.store.need;
      }
    } else if (at < 10.3) {
      const back = Math.floor(this.#random() * MAX_JUMP_MS);
      this.#clock.jump(this.#clock.now() - back);
      this.#jumpedMs += back;
      this.#jumps++;
      this.#jumpedAt = this.#elapsed;
    }
  }

  #rotate(): void {
    // Hint: the clients come first, and most depends on them.
    const statics = this.#big.credentials.filter(({ store }) => store.kind === "static");
    const rotated = this.#pick(this.#random() < 0.5 ? statics : statics.slice(0, CLIENTS));
    const at = `${rotated.store.name} ${rotated.name}`;
    const version = (this.#big.versions.get(at) ?? 0) + 1;
    this.#big.versions.set(at, version);
    for (const credential of this.#big.credentials) {
      if (this.#rootOf(credential) === at) {
        this.#known.get(credential.key)!.rotations.push([this.#elapsed, version]);
        this.#touch(credential);
      }
      // Hint: a store whose answers are good until they are invalidated is told.
      if (credential.store === rotated.store && credential.name === rotated.name && rotated.store.good === Infinity) {
        this.#resolver.invalidate(credential.key);
      }
    }
  }

  /** The static store and the name from which a credential comes in the end. */
  #rootOf({ store, name }: BigCredential): string {
    if (!store.need) return `${store.name} ${name}`;
    return this.#rootOf(this.#byKey(store.need));
  }

  #byKey(key: string): BigCredential {
    return this.#big.credentials.find((credential) => credential.key === key)!;
  }

  #touch({ store, name }: BigCredential): void {
    const at = `${store.name} ${name}`;
    this.#touched.set(at, (this.#touched.get(at) ?? 0) + 1);
  }

  /** Returns how often a store may be asked, by how long its answers are good and what was wrong with it. */
  #boundOf(store: BigStore): number {
    const own = this.#big.credentials.filter((credential) => credential.store === store);
    const names = new Set(own.map(({ name }) => name));
    const touched = [...names].reduce((all, name) => all + (this.#touched.get(`${store.name} ${name}`) ?? 0), 0);
    // Hint: each credential reads static values for itself, and those who ask for the same token share it.
    const count = store.kind === "token" ? names.size : own.length;
    return Math.ceil(count * (askedInAnHour(store, this.#faults.of(store.name)) + this.#jumps) + 3 * touched);
  }

  #call(credential: BigCredential): void {
    const began = this.#elapsed;
    this.report.calls++;
    this.#resolver.resolve(credential.key).then(
      (given) => this.#judge(credential, given, began),
      (error) => this.#judgeError(credential, error, began),
    );
  }

  #judge(credential: BigCredential, given: Credential, began: number): void {
    const { store, key, name } = credential;
    this.#latest = given;
    this.#known.get(key)!.goodUntil = given.expiresAt ?? Infinity;
    if (given.degraded) this.report.degraded++;
    const value = String(given.get("value" as never));
    const stores = namesOf(store);
    // Hint: an interval in which the clock went back is longer by as much, if no request came in between.
    const isSteady = this.#jumpedAt < began - MAX_JUMP_MS - MEMORY_MS;
    const isQuiet = isSteady && this.#faults.among(stores, began, this.#elapsed).size === 0;
    if (given.source !== store.name) {
      if (isQuiet) this.#broken(credential, `came from ${given.source} although its store is well`);
      return;
    }
    const wasQuiet = isSteady &&
      this.#faults.among(stores, began - backoffOf(store) - this.#jumpedMs, this.#elapsed).size === 0;
    if (wasQuiet && given.degraded) this.#broken(credential, "is degraded although its stores are well");
    if (!value.startsWith(`${name} `)) this.#broken(credential, "is another one's");
    if (Number(value.split(" ").at(-1)) < this.#dueVersion(credential, began)) this.#broken(credential, "is outdated");
  }

  /** Returns the version that a value must have by now: the latest rotation that nothing kept from being noticed. */
  #dueVersion({ key, store }: BigCredential, began: number): number {
    const isNoticed = ([at]: readonly [number, number]) =>
      at > this.#jumpedAt && at + MINUTE + 20 * SECOND < began &&
      this.#faults.among(namesOf(store), at - backoffOf(store) - this.#jumpedMs, began).size === 0;
    return this.#known.get(key)!.rotations.findLast(isNoticed)?.[1] ?? 0;
  }

  /** Checks whether the design calls for a failure: by what is wrong with its stores, and what is held. */
  #judgeError(credential: BigCredential, { message, code }: CredentialError, began: number): void {
    const { key, store, below } = credential;
    this.report.failed++;
    const kinds = this.#faults.among(namesOf(store), began, this.#elapsed);
    if (kinds.size === 0) return this.#broken(credential, `failed although its stores are well: ${message}`);
    // Hint: a denial is an error at once, whatever is held.
    if (kinds.has("denying")) return;
    if (code !== "unavailable") this.#broken(credential, `failed with ${code} in an outage: ${message}`);
    // Hint: two stores that hang, one after the other, take as long as a caller waits in all.
    const hung = namesOf(store).filter((name) => this.#faults.among([name], began, this.#elapsed).has("hung"));
    if (hung.length > 1 && message.includes("within the budget")) return;
    const { goodUntil } = this.#known.get(key)!;
    if (this.#clock.now() < goodUntil) this.#broken(credential, `failed although what it gave is good: ${message}`);
    if (below) this.#broken(credential, `failed although a lower store has it: ${message}`);
  }

  #broken({ key, store }: BigCredential, what: string): void {
    const at = (this.#elapsed / SECOND).toFixed(2);
    if (this.report.broken.length < 20) this.report.broken.push(`${at} s: ${key} of ${store.name} ${what}`);
  }
}
