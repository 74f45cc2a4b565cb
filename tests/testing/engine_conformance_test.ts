import { assertEquals, assertRejects } from "@std/assert";
import type { OpenRegister, Register, Registered } from "../../src/share/mod.ts";
import { engineConformance } from "../../src/testing/mod.ts";
import { type Fault, MemoryRegister } from "../support/share/memory_register.ts";
import { shiftedClock } from "../support/tokens/shifted_clock.ts";

/** Creates a register in memory, on the time that passes. */
function memory(fault?: Fault): MemoryRegister {
  const register = new MemoryRegister(shiftedClock(), 0);
  register.fault = () => fault;
  return register;
}

const sound = memory();
for (const { name, run } of engineConformance("a register in memory", () => sound.open())) Deno.test(name, run);

/** How an engine differs from one that is right. */
type Flaw = (right: Register) => Partial<Register>;

/** Puts a text, whatever is there. */
async function overwrite({ get, swap }: Register, name: string, text: string, ttl: number): Promise<unknown> {
  for (;;) {
    const version = await swap(name, (await get(name)).version, text, ttl);
    if (version !== undefined) return version;
  }
}

const telling = (now: (now: number) => unknown): Flaw => ({ get }) => ({
  get: async (name) => {
    const found = await get(name);
    return { ...found, now: now(found.now) as number };
  },
});

const writing = (written: (text: string) => string): Flaw => ({ swap }) => ({
  swap: (name, before, text, ttl) => swap(name, before, written(text), ttl),
});

const keeping = (kept: (ttl: number) => number): Flaw => ({ swap }) => ({
  swap: (name, before, text, ttl) => swap(name, before, text, kept(ttl)),
});

const naming = (named: (name: string) => string): Flaw => ({ get, swap }) => ({
  get: (name) => get(named(name)),
  swap: (name, ...change) => swap(named(name), ...change),
});

function keepingTheFirst(): Flaw {
  const ends = new Map<string, number>();
  return ({ swap }) => ({
    swap: (name, before, text, ttl) => {
      if (before === undefined) ends.set(name, Date.now() + ttl);
      return swap(name, before, text, ends.get(name)! - Date.now());
    },
  });
}

function lagging(): Flaw {
  const replaced = new Map<string, { readonly found: Registered; readonly until: number }>();
  return ({ get, swap }) => ({
    get: async (name) => {
      const { found, until } = replaced.get(name) ?? { found: undefined, until: 0 };
      return found && Date.now() < until ? found : await get(name);
    },
    swap: async (name, ...change) => {
      const found = await get(name);
      replaced.set(name, { found, until: Date.now() + 50 });
      return await swap(name, ...change);
    },
  });
}

function counting(): Flaw {
  const counts = new Map<string | undefined, number>();
  return ({ get, swap }) => {
    const count = async (name: string): Promise<Registered> => {
      const { version: _, ...found } = await get(name);
      return found.text === undefined ? found : { ...found, version: counts.get(found.text) };
    };
    return {
      get: count,
      swap: async (name, before, text, ttl) => {
        const found = await count(name);
        if (found.version !== before) return undefined;
        const next = (found.version as number | undefined ?? 0) + 1;
        counts.set(text, next);
        return await swap(name, found.text, text, ttl) && next;
      },
    };
  };
}

const folded = (text: unknown) => String(text).toLowerCase().trim();

/** Faults of engines, and the checks that find them. */
const FAULTS: Readonly<Record<string, readonly [Flaw, ...string[]]>> = {
  "a swap that compares nothing": [
    (right) => ({ swap: (name, _, text, ttl) => overwrite(right, name, text, ttl) }),
    "does not put a text where there already is one",
    "does not replace a text given an old",
  ],
  "a swap that puts a text where one is": [
    (right) => ({
      swap: (name, before, text, ttl) =>
        before === undefined ? overwrite(right, name, text, ttl) : right.swap(name, before, text, ttl),
    }),
    "does not put a text where there already is one",
    "lets exactly one of 20 racing machines put a text",
  ],
  "a swap that reads and writes in two steps": [
    (right) => ({
      swap: async (name, before, text, ttl) =>
        (await right.get(name)).version === before ? await overwrite(right, name, text, ttl) : undefined,
    }),
    "lets exactly one of 20 racing machines put a text",
  ],
  "a swap that throws where it is lost": [
    ({ swap }) => ({
      swap: async (...change) => {
        const version = await swap(...change);
        if (version === undefined) throw new Error("lost");
        return version;
      },
    }),
    "does not put a text where there already is one",
    "lets exactly one of 20 racing machines put",
  ],
  "a clock in seconds": [telling((now) => Math.floor(now / 1_000)), "has a clock in milliseconds"],
  "a clock in microseconds": [telling((now) => now * 1_000), "has a clock in milliseconds"],
  "a clock in milliseconds that goes on by whole seconds": [
    telling((now) => Math.floor(now / 1_000) * 1_000),
    "has a clock that runs at the speed of real time",
  ],
  "a clock that stands": [telling(() => 1.7e12), "has a clock that runs at the speed of real time"],
  "no clock": [telling(() => undefined), "gives only its time", "has a clock in milliseconds"],
  "a ttl that is ignored": [
    keeping(() => Infinity),
    "removes a text after its ttl",
    "applies only the ttl of the newest",
  ],
  "a ttl that is taken for seconds": [keeping((ms) => ms * 1_000), "removes a text after its ttl"],
  "a ttl that is cut to seconds of a thousandth": [keeping((ms) => ms / 1_000), "keeps a text for its ttl"],
  "a ttl of the first text that counts for all": [keepingTheFirst(), "applies only the ttl of the newest text"],
  "a get from a replica that lags": [lagging(), "shows a text to every machine as soon as it is put"],
  "versions that begin again after a text is gone": [counting(), "never accepts the version of a text that is gone"],
  "a swap that gives another version than get": [
    ({ swap }) => ({ swap: async (...change) => await swap(...change) && `version of ${change[2]}` }),
    "replaces a text given the version from get",
  ],
  "names whose case does not count": [naming((name) => name.toLowerCase()), "does not confuse similar names"],
  "names that are cut": [naming((name) => name.slice(0, 16)), "does not confuse similar names"],
  "texts that are cut at 32 KiB": [writing((text) => text.slice(0, 32_768)), "gives a text of 64 KiB unchanged"],
  "texts without what is not ASCII": [writing((text) => text.replace(/[^ -~]/gu, "?")), "gives a text unchanged"],
  "texts that are trimmed": [writing((text) => text.trim()), "gives a text unchanged"],
  "texts whose case does not count": [
    (right) => ({
      swap: async (name, before, text, ttl) => {
        const { version } = await right.get(name);
        return folded(version) === folded(before) ? await right.swap(name, version, text, ttl) : undefined;
      },
    }),
    "gives a text unchanged",
  ],
  "a text for each machine": [() => memory().open(), "shows a text to every machine as soon as it is put"],
};

for (const [fault, [flaw, ...expected]] of Object.entries(FAULTS)) {
  Deno.test(`engineConformance() finds ${fault}`, async () => {
    const right = memory().open();
    const open = (): OpenRegister => ({ ...right, ...flaw(right) });
    const checks = engineConformance("flawed", open, { timeout: 300 });
    for (const start of expected) {
      const found = checks.filter(({ name }) => name.startsWith(`flawed ${start}`));
      assertEquals(found.length, 1, start);
      await assertRejects(found[0]!.run, Error, fault.includes("throws") ? "" : "Expected ");
    }
  });
}

Deno.test("engineConformance() passes an engine on a machine so busy that it answers after 60 ms", async () => {
  const busy = memory({ there: 60 });
  await Promise.all(engineConformance("slow", () => busy.open()).map(({ run }) => run()));
});

Deno.test("engineConformance() passes an engine on a machine that stands still for longer than a text is kept", async () => {
  const still = memory();
  const kept: number[] = [];
  still.fault = ({ op, ttl }) => {
    if (op === "get") return undefined;
    kept.push(ttl!);
    // Hint: the one that is to replace a text which is gone by then, at the first try.
    return kept.length === 2 ? { there: kept[0]! + 100 } : undefined;
  };
  const [check] = engineConformance("still", () => still.open()).filter(({ name }) => name.includes("newest text"));
  await check!.run();
  assertEquals(kept.slice(0, 4), [kept[0], kept[1], kept[0], kept[1]]);
});

Deno.test("engineConformance() closes the connections of each check, also of one that fails", async () => {
  for (const fault of [undefined, { answer: { now: NaN } }]) {
    const register = memory(fault);
    const checks = engineConformance("counted", () => register.open());
    await Promise.allSettled(checks.map(({ run }) => run()));
    assertEquals([register.opened, register.closed], [2 * checks.length, 2 * checks.length]);
  }
});
