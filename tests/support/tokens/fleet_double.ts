import type { Share, ShareDescription, Token } from "../../../mod.ts";
import { isRefusal, type Refusal } from "../../../src/core/chain/outcome.ts";
import type { Need } from "../../../src/core/source/answer.ts";
import type { Attempt } from "../../../src/core/source/attempt.ts";
import { compileShare } from "../../../src/core/source/compile_share.ts";
import { type Expiry, expiry } from "../../../src/core/source/freshness.ts";
import { type Origin, originOf } from "../../../src/core/source/origin.ts";
import { Seal } from "../../../src/core/source/seal.ts";
import { sharedLookUp } from "../../../src/core/source/shared_look_up.ts";
import type { SharedNotes } from "../../../src/core/source/shared_notes.ts";
import type { ObtainShared, ShareEngine } from "../../../src/core/source/sharing.ts";
import type { Deps, StorePlan } from "../../../src/core/source/source.ts";
import type { TokenGeneration } from "../../../src/core/source/token_generation.ts";

/** What the machines have in common. */
interface Entry extends Pick<SharedNotes, "expiresAt" | "stated" | "refusals"> {
  readonly values: Token["values"];
}

/** What it is created with, besides the keys of the seal and of the engine's credential. */
export interface FleetOptions {
  readonly principal?: ShareEngine["principal"];
  readonly needed?: Readonly<Record<string, string>>;
}

/**
 * A test double of the contract between the core and what shares tokens (`ShareEngine`): machines share by a map in
 * memory, without names, leases or outages. A machine is a resolver; all have the clock of their host.
 */
export class FleetDouble {
  readonly entries = new Map<string, Entry>();
  /** How often a machine asked. */
  runs = 0;
  closed = 0;
  asked = 0;
  /** The place of each machine in the windows. */
  place = 0;
  /** What a machine waits for before it looks at the entries. */
  wait: (() => Promise<unknown>) | undefined;
  /** For how long a machine that holds a good token goes on with it, in milliseconds. */
  keeps: number | undefined;
  /** Why a machine was told to obtain a token, and where its needs were found. */
  readonly reasons: (string | undefined)[] = [];
  readonly origins: (Origin | undefined)[] = [];
  /** The `principal` of each use. */
  readonly principals: unknown[] = [];

  share<const Key extends string = "fleet:seal" | "fleet:engine">(
    { principal, needed }: FleetOptions = {},
  ): Share<Key> {
    const keys = needed ?? { seal: "fleet:seal", credential: "fleet:engine" };
    const engine: ShareEngine = {
      engine: "double",
      needs: Object.values(keys),
      needed: keys,
      principal,
      compile: compileShare,
      describe: () => this.#describe(),
      use: (store, options, deps) => {
        this.principals.push(Object(options.share).principal);
        return {
          lookUp: (request, held) => sharedLookUp(this.#obtain(store, deps, request, held), store, deps),
          ask: () => {
            this.asked++;
            return Promise.resolve(undefined);
          },
          describe: () => ({ ...this.#describe(), state: "on" }),
          close: () => {
            this.closed++;
            return Promise.resolve();
          },
        };
      },
    };
    return engine as unknown as Share<Key>;
  }

  #describe(): ShareDescription {
    return { engine: "double", entries: [], minted: 0, received: 0 };
  }

  #obtain(
    store: StorePlan,
    deps: Deps,
    request: unknown,
    held: () => TokenGeneration | undefined,
  ): ObtainShared {
    const { clock } = deps.ambient;
    return async (attempt, mint, call) => {
      this.runs++;
      this.reasons.push(held()?.reason);
      const since = clock.now();
      const refusal = await resolveAll(store, attempt);
      if (refusal) return answered(attempt, refusal);
      this.origins.push(...attempt.needs.map((need) => originOf(need, deps)));
      await this.wait?.();
      const seal = await deps.resolveNeed("fleet:seal", call);
      const name = isRefusal(seal) ? undefined : JSON.stringify([request, ...[seal, ...attempt.needs].map(valuesOf)]);
      const notes = { place: this.place, seal: isRefusal(seal) ? undefined : new Seal(seal, deps) };
      const mine = held();
      if (mine?.servable(clock.now()) && this.keeps !== undefined) {
        const { values, expiresAt, stated } = mine;
        return answered(attempt, { values }, {
          ...notes,
          ...{ how: "alone", since, expiresAt, stated, refusals: 0, lookAt: clock.now() + this.keeps },
        });
      }
      const found = name === undefined ? undefined : this.entries.get(name);
      if (found && found.values !== mine?.values) {
        return answered(attempt, { values: found.values }, { ...notes, ...found, how: "received", since });
      }
      const minted = await mint(attempt, true);
      const { answer } = minted;
      if (isRefusal(answer) || answer === undefined) return minted;
      const refusals = mine?.wasRefused(clock.now()) ? mine.refusals + 1 : 0;
      const { values } = answer as Token;
      const entry = { values, refusals, ...expiry(since, clock.now(), answer as Token) as Expiry };
      if (name !== undefined) this.entries.set(name, entry);
      minted.shared = { ...notes, ...entry, how: name === undefined ? "alone" : "minted", since };
      return minted;
    };
  }
}

async function resolveAll<T>({ spec: { needs = [] } }: StorePlan, attempt: Attempt<T>): Promise<Refusal | undefined> {
  try {
    for (const need of needs) await attempt.need(need);
  } catch (refusal) {
    if (isRefusal(refusal)) return refusal;
    throw refusal;
  }
}

function answered<T>(attempt: Attempt<T>, answer: unknown, shared?: SharedNotes): Attempt<T> {
  return Object.assign(attempt, { answer, shared });
}

function valuesOf({ credential }: Need): readonly unknown[] {
  const { fields, get } = credential as unknown as { fields: readonly string[]; get(name: string): unknown };
  return fields.map((name) => get.call(credential, name));
}
