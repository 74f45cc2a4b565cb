import { type Credential, CredentialError } from "../../../mod.ts";
import { makeWorld, watch, type World } from "./world.ts";

/** How many things listeners and the log do in one step at most; one that answers each change with another never ends. */
const FUEL = 30;
/** How many look-ups one step may cause. */
const MAX_LOOK_UPS = 5_000;
/** How long a call may wait if no store hangs: for a few slow answers, again for those that were replaced. */
const MAX_WAIT_MS = 4_000;

/** How far the clock goes back at most. */
const MAX_JUMP_MS = 60_000;

/** One call that has not settled. */
interface Pending {
  readonly key: string;
  readonly began: number;
}

/** The steps of one random chain. */
export class Run {
  readonly world: World;
  readonly #watched: ReturnType<typeof watch>;
  readonly #pending = new Set<Pending>();
  readonly #disposables: Disposable[] = [];
  readonly #controller = new AbortController();
  #fuel = 0;
  #closed = false;
  #latest: Credential | undefined;
  #priority = 20;
  /** What was done, for the message of a failure. */
  readonly done: string[] = [];

  constructor(seed: number) {
    this.world = makeWorld(seed);
    this.#watched = watch(this.world);
    if (this.world.isSerial) return;
    this.world.stores.onLookUp = () => this.world.random() < 0.02 && this.#fuel-- > 0 && this.#disturb("look-up");
    this.world.onLog = ({ type }) => this.world.random() < 0.2 && this.#react(`log ${type}`);
  }

  /** Does one random thing, and lets time pass. */
  async step(): Promise<void> {
    const { world } = this;
    const { random, clock, stores } = world;
    const before = stores.lookUps;
    this.#fuel = FUEL;
    if (random() < 0.3) this.#changeMood();
    if (world.isSerial) await this.#callAndWait();
    else this.#act("");
    if (random() < 0.6) await this.#advance(random() < 0.7 ? random() * 1_000 : random() * 30_000);
    if (random() < 0.01) clock.jump(clock.now() - random() * MAX_JUMP_MS);
    if (stores.lookUps - before > MAX_LOOK_UPS) this.fail("one step caused thousands of look-ups");
    if (world.broken.length > 0) this.fail(world.broken.join("; "));
  }

  /** Lets every store be well, and checks that every call ends, and that every credential can be resolved again. */
  async end(): Promise<void> {
    const { world } = this;
    this.#fuel = 0;
    for (const name of world.names) world.stores.moods.set(name, "well");
    // Hint: longer than the clock may have gone back, since a pause that nobody asks about counts when its time is there.
    await this.#advance(2 * MAX_JUMP_MS);
    for (const { key, began } of this.#pending) {
      this.fail(`a call for ${key} of ${world.clock.now() - began} ms ago never ended`);
    }
    if (!this.#closed) {
      for (const key of world.keys) {
        const [result] = await Promise.all([this.#call(key, {}), this.#advance(5_000)]);
        if (result !== "resolved") this.fail(`${key} cannot be resolved although every store is well: ${result}`);
      }
    }
    if (world.broken.length > 0) this.fail(world.broken.join("; "));
    if (world.clock.timers > 0) this.fail(`${world.clock.timers} timers outlived every call`);
    await world.resolver[Symbol.asyncDispose]();
  }

  /** Throws, with the seed and what was done at last. */
  fail(what: string): never {
    throw new Error(`FUZZ_SEED=${this.world.seed}: ${what}\n${this.done.slice(-60).join("\n")}`);
  }

  async #advance(ms: number): Promise<void> {
    this.done.push(`advance ${Math.floor(ms)}`);
    await this.world.clock.advance(Math.floor(ms));
  }

  #changeMood(): void {
    const { random, names, moods, stores, rotate } = this.world;
    const name = this.#pick(names);
    const mood = random() < 0.5 ? "well" : this.#pick(moods);
    stores.moods.set(name, mood);
    if (random() < 0.5) rotate(name);
    this.done.push(`${name} is ${mood}`);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.world.random() * items.length)]!;
  }

  async #callAndWait(): Promise<void> {
    const { random, keys, resolver } = this.world;
    const key = this.#pick(keys);
    if (random() < 0.2) {
      this.done.push(`invalidate ${key}`);
      resolver.invalidate(key);
    }
    let isOver = false;
    const ended = this.#call(key).then(() => isOver = true);
    await this.world.clock.advance(0);
    for (let waited = 0; !isOver && waited < 200; waited++) await this.world.clock.advance(100);
    if (!isOver) this.fail(`a call for ${key} did not end within 20 s`);
    await ended;
  }

  /** Does something that waits for nothing; `where` says inside of what. */
  #disturb(where: string): void {
    const { random, resolver, keys } = this.world;
    const key = this.#pick(keys);
    const say = (what: string) => this.done.push(`${where && `(${where}) `}${what} ${key}`);
    const at = random() * 5;
    if (at < 1) resolver.peek(key);
    else if (at < 3) {
      say("invalidate");
      resolver.invalidate(key);
    } else if (at < 4) this.#install(say, key);
    else this.#disposeOne(say);
  }

  /** Does something that only the resolver's user may do; `where` says inside of what. */
  #act(where: string): void {
    const { random, resolver, keys } = this.world;
    const key = this.#pick(keys);
    const say = (what: string) => this.done.push(`${where && `(${where}) `}${what} ${key}`);
    const at = random() * 20;
    if (at < 8) {
      say("resolve");
      void this.#call(key);
    } else if (at < 9) {
      say("find");
      resolver.find(key).then(() => {}, (error) => this.#judge(error, key, this.world.clock.now()));
    } else if (at < 10) resolver.peek(key);
    else if (at < 13) {
      say("invalidate");
      resolver.invalidate(key);
    } else if (at < 14 && this.#latest) {
      say(`invalidate the latest ${this.#latest.key},`);
      resolver.invalidate(this.#latest as never);
    } else if (at < 15) this.#install(say, key);
    else if (at < 16.5) this.#disposeOne(say);
    else if (at < 18) {
      say("listen to");
      this.#keep(() => resolver.onChange(key, () => this.#react(`onChange ${key}`) as void));
    } else if (at < 18.03) {
      say("dispose of the resolver, not of");
      this.#closed = true;
      void resolver[Symbol.asyncDispose]();
    } else if (at < 18.1) this.#controller.abort(new Error("gave up"));
  }

  #install(say: (what: string) => void, key: string): void {
    say("install for");
    const { random, resolver, spare } = this.world;
    const priority = random() < 0.5 ? ++this.#priority : -++this.#priority;
    this.#keep(() => resolver.install(`spare${this.#priority}`, spare(priority), { [key]: { prefix: "" } } as never));
  }

  #disposeOne(say: (what: string) => void): void {
    const [one] = this.#disposables.splice(Math.floor(this.world.random() * this.#disposables.length), 1);
    if (!one) return;
    say("dispose of one, not");
    one[Symbol.dispose]();
  }

  #keep(make: () => Disposable): void {
    try {
      this.#disposables.push(make());
    } catch (error) {
      if (!(error instanceof CredentialError && error.code === "closed" && this.#closed)) throw error;
    }
  }

  /** What a listener or a log does: a few things at once, some later; it may throw or reject. */
  #react(where: string): unknown {
    const { random } = this.world;
    for (let count = 1 + Math.floor(random() * 2); count > 0 && this.#fuel-- > 0; count--) this.#act(where);
    const end = random();
    if (end < 0.1) throw new Error("its own");
    if (end < 0.2) return Promise.reject(new Error("its own"));
    if (end < 0.4) {
      return Promise.resolve().then(() => {
        if (this.#fuel-- > 0) this.#act(`${where}, later`);
        throw new Error("its own");
      });
    }
  }

  /** Calls `resolve`, and checks that it gives a promise that ends as it may. */
  #call(key: string, options: object = this.#options()): Promise<string> {
    const { resolver, clock } = this.world;
    const pending: Pending = { key, began: clock.now() };
    let given: Promise<Credential>;
    try {
      given = resolver.resolve(key, options as never);
    } catch (error) {
      this.fail(`resolve threw ${error}`);
    }
    if (typeof given?.then !== "function") this.fail(`resolve gave ${given}, not a promise`);
    this.#pending.add(pending);
    return given.then((credential) => {
      this.#latest = credential;
      this.#watched.settled(key, credential);
      return "resolved";
    }, (error) => this.#judge(error, key, pending.began)).finally(() => this.#settle(pending));
  }

  #settle(pending: Pending): void {
    const { broken, stores, clock } = this.world;
    this.#pending.delete(pending);
    const waited = clock.now() - pending.began;
    if (waited > MAX_WAIT_MS && stores.hungUntil < pending.began) {
      broken.push(`a call for ${pending.key} waited for ${waited} ms although no store hung`);
    }
  }

  #options(): object {
    const { random } = this.world;
    return {
      ...(random() < 0.2 && { default: { user: "seed" } }),
      ...(random() < 0.2 && { signal: random() < 0.5 ? this.#controller.signal : new AbortController().signal }),
      ...(random() < 0.2 && { waitUntil: () => this.#waitUntil() }),
    };
  }

  #waitUntil(): void {
    if (this.world.random() < 0.5) throw new Error("the request has ended");
  }

  /** Checks how a call failed. */
  #judge(error: unknown, key: string, began: number): string {
    const { broken, stores } = this.world;
    if (error instanceof Error && error.message === "gave up") return "gave up";
    if (!(error instanceof CredentialError)) {
      broken.push(`a call for ${key} failed with ${error}`);
      return "broken";
    }
    if (error.code === "closed" && !this.#closed) broken.push(`${key} is closed too early`);
    if (!/within the budget/.test(error.message)) return error.message;
    this.world.gaveUp = true;
    if (stores.hungUntil < began) {
      broken.push(`a call for ${key} waited for its budget although no store hung`);
    }
    return error.message;
  }
}
