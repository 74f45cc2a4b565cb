import type { Credential } from "../../../mod.ts";
import { type Caller, type CallerOptions, Callers } from "./callers.ts";
import { branchesOf, closureOf, EXTRA_STORE, shareAtOneDepth } from "./chains.ts";
import { Comparison } from "./comparison.ts";
import type { Declaration, FieldDecl } from "./declaration.ts";
import { EngineSide } from "./engine_side.ts";
import { keptUntil } from "./generation.ts";
import { Model } from "./model.ts";
import { freshWorld, type Operation } from "./operations.ts";
import { Tasks } from "./tasks.ts";
import { mandatoryAt, renewsAt } from "./windows.ts";
import { Side } from "./world.ts";

/** A caller of both, and what it got of the engine. */
export interface Pair {
  readonly what: string;
  readonly mine: Caller;
  settled?: { readonly value?: Credential | undefined; readonly reason?: unknown };
}

const START = Date.UTC(2026, 0, 1);
const ABORTED = new Error("the caller went away");

/** The engine and its model, side by side on one world. */
export class Episode {
  readonly #decl: Declaration;
  readonly #world = freshWorld();
  readonly #engine: EngineSide;
  readonly #model: Model;
  readonly #callers: Callers;
  readonly #comparison: Comparison;
  readonly #pairs: Pair[] = [];
  readonly #aborts: { readonly pair: Pair; readonly controller: AbortController }[] = [];
  #installed: Disposable | undefined;
  #isOvertaken = false;

  constructor(decl: Declaration) {
    this.#decl = decl;
    this.#engine = new EngineSide(decl, this.#world, START);
    this.#model = new Model(decl, new Tasks(START), new Side(this.#world));
    this.#callers = new Callers(this.#model, () => this.#forbidsDefaults());
    this.#comparison = new Comparison(this.#engine, this.#model, this.#callers);
  }

  /** Does one step with both, and compares all that can be seen of them. */
  async step(operation: Operation): Promise<void> {
    // Hint: what several walks do in one instant has no order.
    const begins = operation.do === "reach" && (operation.also ?? operation.key) !== operation.key ? 2 : 0;
    const isOrdered = Math.max(this.#callers.walking.length, begins) <= 1 && !this.#isOvertaken;
    await this.#do(operation);
    await this.#engine.settle();
    this.#model.tasks.settle();
    this.#comparison.check(this.#pairs, isOrdered);
  }

  async #do(operation: Operation): Promise<void> {
    if (this.#isAmbiguous(operation)) return;
    switch (operation.do) {
      case "resolve":
        return this.#ask(operation.key, { default: this.#defaultOf(operation), budget: operation.budget });
      case "find":
        return this.#ask(operation.key, { find: true });
      case "abort":
        return this.#abort();
      case "invalidate":
        this.#invalidate(operation.key, operation.what);
        return operation.asks ? this.#askUnlessAmbiguous(operation.key) : undefined;
      case "advance":
        await this.#engine.advance(operation.ms);
        return this.#model.tasks.advance(operation.ms);
      case "reach":
        return this.#reach(operation);
      case "jump":
        this.#engine.timers.jump(this.#engine.timers.now() + operation.ms);
        return this.#model.tasks.timers.jump(this.#model.now + operation.ms);
      case "install":
        return this.#install();
      case "uninstall":
        return this.#uninstall();
      default:
        return this.#change(operation);
    }
  }

  #askUnlessAmbiguous(key: string): void {
    if (!this.#isAmbiguous({ do: "resolve", key, default: 0, budget: undefined })) this.#ask(key, {});
  }

  /** Asks at a moment of the future at which something changes, or just before or after it. */
  async #reach({ key, moment, offset, also }: Operation & { do: "reach" }): Promise<void> {
    const hold = this.#model.holds.get(key)!;
    const moments = moment === "until" ? [hold.until] : this.#model.tokensOf(hold).map(({ held, pause }) => {
      if (moment === "end of the pause") return pause?.until ?? 0;
      if (!held) return 0;
      if (moment === "end of its keeping") return keptUntil(this.#model.now, held);
      return moment === "due" ? renewsAt(held) : moment === "mandatory" ? mandatoryAt(held) : held.expiresAt;
    });
    const ms = Math.ceil(Math.max(0, ...moments.filter(Number.isFinite))) + offset - this.#model.now;
    if (ms <= 0) return;
    await this.#engine.advance(ms);
    this.#model.tasks.advance(ms);
    this.#askUnlessAmbiguous(key);
    // Hint: of two walks that begin in one instant, no rule says which comes first to what is deeper below the one.
    if (shareAtOneDepth(this.#model.decl, key, also ?? key)) this.#askUnlessAmbiguous(also ?? key);
  }

  /**
   * Whether the order of what happens in one instant would decide what comes of it, which no rule says. So while walks of
   * several credentials are in progress, nothing is invalidated or installed; while one is in progress that was
   * overtaken by that, no other begins, unless it is of the same credential and no token is shared; and two walks share
   * one thing at most.
   */
  #isAmbiguous(operation: Operation): boolean {
    const { walking } = this.#callers;
    if (walking.length === 0) this.#isOvertaken = false;
    if (["invalidate", "install", "uninstall"].includes(operation.do)) {
      if (walking.length > 1) return true;
      this.#isOvertaken = walking.length === 1;
      return false;
    }
    if (operation.do === "refuse" || operation.do === "store" && operation.change.mode === "denies its need") {
      return walking.length > 1;
    }
    if (operation.do !== "resolve" && operation.do !== "find") return false;
    const { key } = operation;
    const { decl } = this.#model;
    const others = walking.filter((other) => other !== key);
    if (this.#isOvertaken && (others.length > 0 || branchesOf(decl, key).length > 0)) return true;
    const isRefusing = Object.values(this.#world.stores).some(({ mode, refuses }) =>
      mode === "denies its need" || refuses.size > 0
    );
    return others.some((other) => shares(decl, key, other) && (isRefusing || sharesMuch(decl, key, other)));
  }

  #change(operation: Operation): void {
    if (operation.do === "forbid") this.#world.forbid = operation.text;
    if (!("store" in operation)) return;
    const store = this.#world.stores[operation.store]!;
    if (operation.do === "variable") store.variables[operation.name] = operation.value;
    if (operation.do === "document") store.documents[operation.name] = operation.state;
    if (operation.do === "store") {
      Object.assign(store, operation.change, { changes: store.changes + 1, changedAt: this.#model.now });
    }
    if (operation.do === "refuse") this.#refuse(operation.store);
  }

  /** Lets a store refuse what its need is at present. */
  #refuse(name: string): void {
    const { need } = this.#decl.stores.find((store) => store.name === name)!;
    const values = need && this.#model.holds.get(need)!.latest?.values;
    if (values) this.#world.stores[name]!.refuses.add(`${values.u?.value ?? ""}/${values.p?.value ?? ""}`);
  }

  #ask(key: string, options: CallerOptions): void {
    const { resolver } = this.#engine;
    const mine = this.#callers.ask(key, options);
    const pair: Pair = { what: `${options.find ? "find" : "resolve"} ${key}`, mine };
    const controller = new AbortController();
    const { default: own, budget } = options;
    const given = { ...(own && { default: own }), ...(budget && { budget }) };
    // Hint: half of the callers have no options, since these wait on shared timers.
    const hasOptions = this.#pairs.length % 2 === 0 || own || budget;
    const rest = hasOptions ? [{ ...given, signal: controller.signal }] : [];
    const promise = options.find ? resolver.find(key, ...rest) : resolver.resolve(key, ...rest as never[]);
    promise.then((value) => pair.settled = { value }, (reason) => pair.settled = { reason });
    this.#pairs.push(pair);
    if (hasOptions) this.#aborts.push({ pair, controller });
  }

  #defaultOf({ key, default: kind }: Operation & { do: "resolve" }): Readonly<Record<string, string>> | undefined {
    if (kind === 0) return undefined;
    const { fields } = this.#decl.credentials.find((credential) => credential.key === key)!;
    const isWanted = ({ presence, name }: FieldDecl) =>
      presence === "required" || presence === "optional" && name === "u" || kind === 2 && presence === "setting";
    return Object.fromEntries(fields.filter(isWanted).map(({ name }) => [name, `v default ${kind}`]));
  }

  #abort(): void {
    const last = this.#aborts.pop();
    if (!last) return;
    last.controller.abort(ABORTED);
    last.pair.mine.settled ??= { aborted: true };
  }

  #invalidate(key: string, what: "key" | "current" | "old" | "default"): void {
    if (what === "key") {
      this.#model.invalidate(this.#model.holds.get(key)!);
      return this.#engine.resolver.invalidate(key);
    }
    const [credential, mine] = this.#comparison.known(key, what) ?? [];
    if (!credential) return;
    this.#callers.invalidate(mine!);
    this.#engine.resolver.invalidate(credential as never);
  }

  #install(): void {
    if (this.#installed) return;
    const { store, from } = this.#decl.extra;
    if (Object.keys(from).length === 0) return;
    const mappings = Object.entries(from).map(([key, mapping]) => [key, this.#engine.mappingOf(store, mapping)]);
    const extra = this.#engine.storeOf(store);
    this.#installed = this.#engine.resolver.install(EXTRA_STORE, extra, Object.fromEntries(mappings));
    const credentials = this.#decl.credentials.map((credential) => {
      const mapping = from[credential.key];
      return mapping ? { ...credential, from: { ...credential.from, [EXTRA_STORE]: mapping } } : credential;
    });
    this.#model.adopt({ ...this.#decl, stores: [...this.#decl.stores, store], credentials }, Object.keys(from));
  }

  #uninstall(): void {
    if (!this.#installed) return;
    this.#installed[Symbol.dispose]();
    this.#installed = undefined;
    this.#model.adopt(this.#decl, Object.keys(this.#decl.extra.from));
  }

  #forbidsDefaults(): boolean {
    const { defaults } = this.#decl;
    if (defaults !== "flag") return defaults === "forbid";
    return this.#world.forbid !== undefined && this.#world.forbid !== "no";
  }
}

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return !a.isDisjointFrom(b);
}

/** Whether two credentials are resolved from anything that both use. */
function shares(decl: Declaration, a: string, b: string): boolean {
  return meets(closureOf(decl, a), closureOf(decl, b));
}

/** Whether one of two credentials meets the other on more than one way. */
function sharesMuch(decl: Declaration, a: string, b: string): boolean {
  const countWays = (one: string, other: string) =>
    branchesOf(decl, one).filter((branch) => meets(branch, closureOf(decl, other))).length;
  return countWays(a, b) > 1 || countWays(b, a) > 1;
}
