import { type AnswerOptions, isAnswered } from "../../core/chain/answer.ts";
import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import { internals } from "../../core/engine/internals.ts";
import type { UntypedLook } from "../../core/source/reader.ts";
import { inject } from "./failures.ts";
import { type Check, expect, Fixture, KEY, runs, secrets, STALL_TIMEOUT_MS } from "./fixture.ts";
import type { ConformanceValues, Fault, StoreHarness } from "./harness.ts";
import { Observed } from "./observed.ts";

type Answers = Readonly<Record<string, unknown>>;

const TOGETHER_CHECKS: readonly Check[] = [
  {
    name: "reads all names at once with the same result as one by one, if it can",
    requires: ["put"],
    run: async (harness) => {
      const { user } = secrets();
      const parts = runs.get(harness)!.cannot.includes("part") ? [] : [{ user }];
      for (const values of [secrets(), ...parts, undefined]) {
        const opened = await openAt(harness, values);
        if (!opened) return;
        const all = await opened.read(opened.names);
        const each = await opened.lookUpEach(opened.names);
        expect(!isRefusal(all), "read() to give the values by name if the look-up gives them");
        for (const name of opened.names) {
          const given = Object.hasOwn(Object(all), name) ? (all as Answers)[name] : undefined;
          expect(textOf(given) === textOf(each[name]), "read() to give the same for each name as its look-up");
        }
      }
    },
  },
  {
    name: "reads all names at once in fewer requests than one by one, if it can",
    run: async (harness) => {
      const opened = await openAt(harness, secrets());
      if (!opened) return;
      const { fixture, names } = opened;
      await opened.read(names);
      const before = fixture.hostCalls;
      await opened.read(names);
      const together = fixture.hostCalls - before;
      await opened.lookUpEach(names);
      const apart = fixture.hostCalls - before - together;
      expect(apart < 2 || together < apart, "read() to ask for all names in one request, not for one after another");
    },
  },
  {
    name: "ends its requests when the time for a look-up is up",
    requires: ["stall"],
    run: async (harness) => {
      await harness.put(secrets());
      await inject(harness, "stall");
      const observed = new Observed();
      await new Fixture(harness, { timeout: STALL_TIMEOUT_MS }, { observed }).resolveError();
      const isEnded = observed.requests.every(({ isOver, signal }) => isOver || signal?.aborted);
      expect(isEnded, "each request to be sent with the signal of its look-up, which is aborted when its time is up");
    },
  },
];

/** What a store must do that can read all names of a credential at once. */
// Hint: a call that is marked as pure lets bundlers leave this out.
export const READ_CHECKS: readonly Check[] = /* @__PURE__ */ readChecks();

function readChecks(): readonly Check[] {
  return [...TOGETHER_CHECKS, ...(["deny", "break", "disconnect"] as const).map(refusalCheck)];
}

function refusalCheck(fault: Fault): Check {
  return {
    name: `refuses all names at once after ${fault} in the same way as one by one, if it can`,
    requires: [fault],
    run: async (harness) => {
      const opened = await openAt(harness, secrets());
      if (!opened) return;
      await inject(harness, fault);
      const all = await opened.read(opened.names);
      for (const [name, each] of Object.entries(await opened.lookUpEach(opened.names))) {
        if (!isRefusal(each)) continue;
        const given = isRefusal(all) ? all : (all as Answers)[name];
        const isSame = isRefusal(given) && given.outcome === each.outcome;
        expect(isSame, `read() to refuse all names or this one with ${each.outcome}, as the look-up does`);
      }
    },
  };
}

/** A store that can read all names at once. */
interface OpenedStore {
  readonly fixture: Fixture;
  /** The names that the credential has, and one that does not exist. */
  readonly names: readonly string[];
  read(names: readonly string[]): Promise<unknown>;
  lookUpEach(names: readonly string[]): Promise<Answers>;
}

/** Puts some values and opens the store; returns `undefined` if it cannot read all names at once. */
async function openAt(harness: StoreHarness, values: ConformanceValues | undefined): Promise<OpenedStore | undefined> {
  if (values) await harness.put(values);
  else await harness.remove();
  const fixture = new Fixture(harness);
  await fixture.resolver.find(KEY).catch(() => {});
  const { plan, deps } = internals(fixture.resolver);
  const { open } = deps.store("tested");
  if (open.state !== "on" || !open.read) return undefined;
  const read = open.read as UntypedLook;
  const { reads } = plan.credentials.get(KEY)!.sources[0]!.reader;
  const perform = (ask: (look: UntypedLook, context: never) => unknown) =>
    fixture.perform(async (look, context) => await ask(look, context as never) as Refusal | undefined);
  return {
    fixture,
    names: [...reads, `${reads[0]}_MISSING`],
    read: (names) => perform((_, context) => read(names, context)),
    lookUpEach: async (names) => {
      const found: Record<string, unknown> = {};
      for (const name of names) found[name] = await perform((look, context) => look(name, context));
      return found;
    },
  };
}

/** Returns what a look-up gave as text, with an expiry only as present or absent, since it depends on the time. */
function textOf(given: unknown): string {
  if (isRefusal(given)) return given.outcome;
  const { value, version, expiresAt } = (isAnswered(given) ? given : { value: given }) as
    & AnswerOptions
    & { readonly value: unknown };
  return JSON.stringify([value, version, expiresAt !== undefined]);
}
