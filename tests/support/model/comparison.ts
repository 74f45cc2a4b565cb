import { assert, assertEquals } from "@std/assert";
import { type Credential, CredentialError, type Step } from "../../../mod.ts";
import type { Callers, Settled } from "./callers.ts";
import { KEYS } from "./chains.ts";
import type { EngineSide } from "./engine_side.ts";
import type { Pair } from "./episode.ts";
import { generationOf, type ModelCredential } from "./hold.ts";
import type { Model } from "./model.ts";
import type { Step as ModelStep } from "./walk.ts";
import { renewsAt } from "./windows.ts";

/** The types of events that the model logs too. */
const MODELLED_EVENTS = ["degraded", "stopped", "renewed", "changed"];

/** What is counted by its key. */
type Numbered = Pick<Credential, "key" | "generation">;

/** Compares what can be seen of the engine with what the model says. */
export class Comparison {
  readonly #engine: EngineSide;
  readonly #model: Model;
  readonly #callers: Callers;
  readonly #told: Credential[] = [];
  /** The credentials of both, matched with one another. */
  readonly #mine = new Map<Credential, ModelCredential>();
  readonly #theirs = new Map<ModelCredential, Credential>();
  /** The numbers of one key's values, of each side by those of the other. */
  readonly #numbers = new Map<string, number>();
  #seen = { asked: 0, events: 0, mine: 0, told: 0, pairs: 0 };

  constructor(engine: EngineSide, model: Model, callers: Callers) {
    this.#engine = engine;
    this.#model = model;
    this.#callers = callers;
    for (const key of KEYS) engine.resolver.onChange(key, (credential) => void this.#told.push(credential));
  }

  /** Compares everything, and the order of what was asked, logged and told where it has one. */
  check(pairs: readonly Pair[], isOrdered: boolean): void {
    this.#checkCallers(pairs);
    const inOrder = (all: readonly string[]) => isOrdered ? all : all.toSorted();
    const asked = this.#engine.side.asked.slice(this.#seen.asked);
    assertEquals(inOrder(asked), inOrder(this.#model.side.asked.slice(this.#seen.asked)), "what the stores were asked");
    const events = this.#engine.events.slice(this.#seen.events).filter(({ type }) => MODELLED_EVENTS.includes(type));
    const mine = this.#model.events.slice(this.#seen.mine);
    assertEquals(inOrder(shown(events)), inOrder(shown(mine)), "what was logged");
    for (const keys of isOrdered ? [KEYS] : KEYS.map((key) => [key])) this.#checkTold(keys);
    for (const key of KEYS) {
      const [theirs, mine] = [this.#engine.resolver.peek(key), this.#callers.peek(key)];
      assertEquals(theirs && key, mine && key, `whether ${key} is there to peek at`);
      if (theirs) this.#match(theirs as Credential, mine!, `peek ${key}`);
    }
    this.#checkDescription();
    this.#seen = {
      asked: this.#engine.side.asked.length,
      events: this.#engine.events.length,
      mine: this.#model.events.length,
      told: this.#told.length,
      pairs: pairs.length,
    };
  }

  /** Checks what the listeners of some credentials were told, in order. */
  #checkTold(keys: readonly string[]): void {
    const isOne = ({ key }: { readonly key: string }) => keys.includes(key);
    const theirs = this.#told.slice(this.#seen.told).filter(isOne);
    const mine = this.#model.told.slice(this.#seen.told).filter(isOne);
    assertEquals(theirs.map(({ key }) => key), mine.map(({ key }) => key), "what listeners were told");
    theirs.forEach((each, at) => this.#match(each, mine[at]!, `told of ${each.key}`));
  }

  /** A credential that both have given: the current one of a key, the first one, or one of a default. */
  known(key: string, what: "current" | "old" | "default"): readonly [Credential, ModelCredential] | undefined {
    const { latest } = this.#model.holds.get(key)!;
    const all = [...this.#mine].filter(([, mine]) =>
      mine.key === key && (mine.source === "default") === (what === "default")
    );
    if (what !== "current") return all[0];
    return all.find(([, mine]) => mine === latest);
  }

  #checkCallers(pairs: readonly Pair[]): void {
    for (const pair of pairs) {
      const { what, mine: { settled } } = pair;
      if (pair.settled === undefined && settled === undefined) continue;
      assert(settled, `${what}: the engine is done and the model is not`);
      assert(pair.settled, `${what}: the model is done (${nameOf(settled)}) and the engine is not`);
      this.#checkSettled(pair.settled, settled, what);
    }
  }

  #checkSettled({ value, reason }: NonNullable<Pair["settled"]>, mine: Settled, what: string): void {
    if ("aborted" in mine) return assertEquals(String(reason), "Error: the caller went away", what);
    if ("error" in mine) {
      assert(reason instanceof CredentialError, `${what}: expected ${mine.error}, got ${reason ?? value}`);
      assertEquals(reason.code, mine.error, what);
      if (mine.walked?.by) assertEquals(reason.missing?.toSorted(), (mine.walked.by.missing ?? []).toSorted(), what);
      if (mine.walked) checkTrace(reason.trace, mine.walked.steps, what);
      return;
    }
    assertEquals(reason, undefined, what);
    assertEquals(value?.source, mine.credential?.source, what);
    if (value) this.#match(value, mine.credential!, what);
  }

  /** Checks that a credential of the engine is that of the model: the same object if and only if it is the same one. */
  #match(theirs: Credential, mine: ModelCredential, what: string): void {
    const known = this.#mine.get(theirs);
    if (known === mine) return;
    assert(!known, `${what}: the engine gives the same object, and the model another one`);
    assert(!this.#theirs.has(mine), `${what}: the engine gives another object, and the model the same one`);
    this.#mine.set(theirs, mine);
    this.#theirs.set(mine, theirs);
    const expiresAt = mine.expiresAt === Infinity ? undefined : mine.expiresAt;
    const { key, source, degraded } = mine;
    assertEquals(
      { key: theirs.key, source: theirs.source, degraded: theirs.degraded, expiresAt: theirs.expiresAt },
      { key, source, degraded, expiresAt },
      what,
    );
    this.#checkNumber(theirs, mine, what);
    const fields = theirs.fields.map((name) => [name, { value: theirs.get(name), source: theirs.sourceOf(name) }]);
    const values = Object.entries(mine.values).map(([name, { value, source }]) => [name, { value, source }]);
    assertEquals(Object.fromEntries(fields), Object.fromEntries(values), what);
    checkTrace(theirs.trace, mine.steps, what);
  }

  // Hint: which of two defaults comes first that are used in one instant has no order by any rule.
  /** Checks that two values of a key have the same number if and only if those of the model do. */
  #checkNumber(theirs: Numbered, mine: Numbered, what: string): void {
    const sides = [["engine", theirs, mine], ["model", mine, theirs]] as const;
    for (const [side, { generation }, other] of sides) {
      const name = `${side} ${mine.key} ${generation}`;
      const known = this.#numbers.get(name) ?? other.generation;
      assertEquals(other.generation, known, `the number of ${what}`);
      this.#numbers.set(name, known);
    }
  }

  #checkDescription(): void {
    for (const described of this.#engine.resolver.describe().credentials) {
      const { key } = described;
      const hold = this.#model.holds.get(key)!;
      const { held, last } = hold;
      const token = generationOf(hold);
      assertEquals(
        described.held,
        held && {
          source: held.source,
          fields: Object.fromEntries(Object.entries(held.values).map(([name, { source }]) => [name, source])),
          degraded: held.degraded,
          generation: described.held?.generation ?? 0,
          resolvedAt: timeOf(hold.resolvedAt),
          ...(token && { renewsAt: timeOf(renewsAt(token)) }),
          ...(held.expiresAt < Infinity && { expiresAt: timeOf(held.expiresAt) }),
          ...(token?.endsWith !== undefined && { endsWith: token.endsWith }),
        },
        `what is held of ${key}`,
      );
      if (held) this.#checkNumber({ key, generation: described.held!.generation! }, held, `what is held of ${key}`);
      assertEquals(
        described.last && [described.last.at, described.last.error],
        last && [timeOf(last.at), last.error],
        `the last walk of ${key}`,
      );
      if (last) checkTrace(described.last!.trace, last.walked.steps, `the last walk of ${key}`);
    }
  }
}

function checkTrace(theirs: readonly Step[], mine: readonly ModelStep[], what: string): void {
  assertEquals(
    theirs.map(({ store, outcome, role, missing }) => ({ store, outcome, role, missing: missing?.toSorted() })),
    mine.map(({ store, outcome, role, missing }) => ({
      store: store.name,
      outcome,
      role,
      missing: missing?.toSorted(),
    })),
    `the trace of ${what}`,
  );
  for (const [at, { detail }] of mine.entries()) {
    if (detail) {
      assert(theirs[at]!.detail?.includes(detail), `the detail of ${what}: ${theirs[at]!.detail} has no ${detail}`);
    }
  }
}

function shown(events: readonly { type: string; key?: string; store?: string }[]): readonly string[] {
  return events.map(({ type, key = "", store = "" }) => `${type} ${key} ${store}`);
}

function nameOf(settled: Settled): string {
  if ("aborted" in settled) return "aborted";
  return "error" in settled ? settled.error : settled.credential?.source ?? "nothing";
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
