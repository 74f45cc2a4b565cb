import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import { internals } from "../../core/engine/internals.ts";
import type { LookUpContext, UntypedLook } from "../../core/source/reader.ts";
import { valueOf } from "../../core/source/reader.ts";
import { type Check, expect, Fixture, KEY, secrets } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";

const FIRST = "write() to return false, and to write nothing, if another change came first";

/** How a store with its own `write` must write: as an atomic check and set. */
export const WRITE_CHECKS: readonly Check[] = [
  {
    name: "replaces what its look-up gave, but not a change that came first",
    requires: ["write", "put"],
    run: async (harness) => {
      const place = await filled(harness);
      if (!place) return;
      const before = await place.read();
      const first = changed(before.value);
      expect(await place.write(before, first) !== false, "write() to write over what the look-up gave");
      expect(same((await place.read()).value, first), "the look-up to give what was written");
      expect(await place.write(before, changed(before.value)) === false, FIRST);
      expect(same((await place.read()).value, first), FIRST);
    },
  },
  {
    name: "writes once where there is nothing, and does not replace what another writer created",
    requires: ["write", "put"],
    run: async (harness) => {
      const shown = await filled(harness);
      if (!shown) return;
      const { value } = await shown.read();
      await harness.remove();
      const place = (await writable(harness))!;
      const nothing = await place.read();
      const first = changed(value);
      expect(await place.write(nothing, first) !== false, "write() to write if the look-up gave nothing");
      expect(await place.write(nothing, changed(value)) === false, FIRST);
      expect(same((await place.read()).value, first), FIRST);
    },
  },
  {
    name: "does not write over a change that was made and undone, if it gives versions",
    requires: ["write", "put"],
    run: async (harness) => {
      const place = await filled(harness);
      if (!place) return;
      const before = await place.read();
      if (before.version === undefined) return;
      await place.write(before, changed(before.value));
      await place.write(await place.read(), before.value!);
      const hint =
        "write() to compare before.version, not only the value, which was changed and changed back meanwhile";
      expect(await place.write(before, changed(before.value)) === false, hint);
    },
  },
];

interface Found {
  readonly value: object | undefined;
  readonly version?: unknown;
}

/** A place that can be written. */
interface Place {
  read(): Promise<Found>;
  /** Writes, and returns what `write` did. */
  write(before: Found, after: object): Promise<unknown>;
}

/** Puts values, and opens the store as `writable` does. */
async function filled(harness: StoreHarness): Promise<Place | undefined> {
  await harness.put(secrets());
  return await writable(harness);
}

/** Opens a store that writes; returns `undefined` if it has no `write` of its own. */
async function writable(harness: StoreHarness): Promise<Place | undefined> {
  const fixture = new Fixture(harness);
  await fixture.resolver.find(KEY);
  const { plan, deps } = internals(fixture.resolver);
  const { open } = deps.store("tested");
  const { store, reader } = plan.credentials.get(KEY)!.sources[0]!;
  if (open.state !== "on" || typeof store.spec.write !== "function") return undefined;
  const write = store.spec.write(open.options, open.surroundings) as (
    change: object,
    context: LookUpContext,
  ) => unknown;
  const { document, reads } = reader;
  const perform = async <T>(what: string, run: (look: UntypedLook, context: LookUpContext) => Promise<T | Refusal>) => {
    const answer = await fixture.perform(run);
    expect(!isRefusal(answer), what);
    return answer;
  };
  return {
    read: () =>
      perform("the look-up to give what is there", async (look, context) => {
        const names = document ? [document.name] : reads;
        context.text = document?.text === true;
        const found: Record<string, unknown> = {};
        for (const name of names) found[name] = valueOf(await look(name, context), context);
        const value = document ? found[document.name] : found;
        return { value: value as object | undefined, version: context.answered?.version };
      }),
    write: (before, after) =>
      perform("write() to write or to return false, not to refuse, while its place works", async (_, context) => {
        return await write({ ...(document && { name: document.name }), before, after }, context) as boolean | Refusal;
      }),
  };
}

/** Returns a value in which all texts are different. */
function changed(value: unknown): object {
  const change = (each: unknown): unknown =>
    typeof each === "string"
      ? crypto.randomUUID()
      : typeof each === "object" && each !== null
      ? Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, change(inner)]))
      : each;
  return change(value) as object;
}

function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(Object.entries(Object(value)).sort(([a], [b]) => a < b ? -1 : 1));
  return text(one) === text(other);
}
