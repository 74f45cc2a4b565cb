import type { OpenRegister } from "../../core/chain/share.ts";
import { expect } from "../conformance/fixture.ts";
import { becomes, type EngineCheck, KEPT_MS, LONGER_MS, newName, SHORT_MS } from "./machines.ts";

const RACERS = 20;
const LARGE = 65_536;
/** A time in 2001, in milliseconds; the present, in seconds, is a smaller number. */
const EARLIEST_MS = 1e12;
const LATEST_MS = 1e13;
/** How often a text is put and replaced on a machine that is late. */
const MAX_TRIES = 3;
/** Texts that an inexact comparison could confuse. */
const ALIKE = ["Text", "text", "text ", " text", "te\u0301xt", "t\u00e9xt", "ключ-鍵-🔑", "0", "null", "{}"];

/** Puts a text under a name that has none, and returns its version. */
async function put(register: OpenRegister, name: string, text: string, ttl = KEPT_MS): Promise<unknown> {
  const version = await register.swap(name, undefined, text, ttl);
  expect(version !== undefined && version !== null, "a version for a text that was put where there was none");
  return version;
}

/** Puts a text, replaces it by one with a longer ttl, and returns its name. */
async function replaceInTime(register: OpenRegister): Promise<string> {
  for (let tries = 1;; tries++) {
    const [name, start] = [newName(), performance.now()];
    const version = await put(register, name, "first", LONGER_MS);
    if (await register.swap(name, version, "second", KEPT_MS) !== undefined) return name;
    // Hint: a busy machine may have been late.
    const isLate = performance.now() - start >= LONGER_MS;
    expect(isLate && tries < MAX_TRIES, "a text to be replaced within its ttl");
  }
}

async function lapses(register: OpenRegister, name: string, timeout: number): Promise<void> {
  const isGone = async () => (await register.get(name)).text === undefined;
  expect(await becomes(isGone, timeout), `a text to be gone ${timeout} ms after its ttl of ${SHORT_MS} ms`);
}

function raceCheck(what: string, first?: string): EngineCheck {
  return {
    name: `lets exactly one of ${RACERS} racing machines ${what}, and throws for none`,
    run: async ({ one, other }) => {
      const name = newName();
      const before = first && await put(one, name, first);
      const racers = Array.from({ length: RACERS }, (_, at) => `racer ${at}`);
      const results = await Promise.allSettled(
        racers.map((text, at) => [one, other][at % 2]!.swap(name, before, text, KEPT_MS)),
      );
      expect(results.every(({ status }) => status === "fulfilled"), "undefined, not an error, from a swap that lost");
      const winners = racers.filter((_, at) => (results[at] as { value?: unknown }).value !== undefined);
      expect(winners.length === 1, `one winner of a race, not ${winners.length}`);
      expect((await one.get(name)).text === winners[0], "the winner's text");
    },
  };
}

/** What every engine must do. */
export const ENGINE_CHECKS: readonly EngineCheck[] = [
  {
    name: "gives only its time for a name that has no text",
    run: async ({ one }) => {
      const { now, text, version } = await one.get(newName());
      expect(
        typeof now === "number" && text === undefined && version === undefined,
        "the time, and no text or version",
      );
    },
  },
  {
    name: "has a clock in milliseconds",
    run: async ({ one }) => {
      const { now } = await one.get(newName());
      expect(now > EARLIEST_MS && now < LATEST_MS, "the milliseconds since 1970");
    },
  },
  {
    name: "has a clock that runs at the speed of real time, in steps of at most 50 ms",
    run: async ({ one }) => {
      const name = newName();
      const before = performance.now();
      const { now: first } = await one.get(name);
      const [after, seen] = [performance.now(), [first]];
      let start = after;
      for (let at = 0; at < 10; at++) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        start = performance.now();
        seen.push((await one.get(name)).now);
      }
      const [least, most] = [start - after, performance.now() - before];
      const passed = seen.at(-1)! - first;
      expect(seen.every((now, at) => at === 0 || now > seen[at - 1]!), "a later time after 60 ms");
      expect(passed > least * 0.8 && passed < most * 1.2, "a clock at the speed of this machine's");
    },
  },
  {
    name: "shows a text to every machine as soon as it is put",
    run: async ({ one, other }) => {
      for (const [writer, reader] of [[one, other], [other, one]] as const) {
        const name = newName();
        await put(writer, name, "first");
        const { text, version } = await reader.get(name);
        expect(text === "first" && version !== undefined, "another machine to see the text, with a version");
      }
    },
  },
  {
    name: "replaces a text given the version from get or swap, and shows the new one at once",
    run: async ({ one, other }) => {
      const name = newName();
      let version = await put(one, name, "text 0");
      for (let at = 1; at < 10; at++) {
        const [writer, reader] = at % 2 ? [one, other] : [other, one];
        const given = at % 3 ? version : (await writer.get(name)).version;
        version = await writer.swap(name, given, `text ${at}`, KEPT_MS);
        expect(version !== undefined, "a text to be replaced by a machine that has its version");
        expect((await reader.get(name)).text === `text ${at}`, "another machine to see the newest text");
      }
    },
  },
  {
    name: "does not put a text where there already is one",
    run: async ({ one, other }) => {
      const name = newName();
      await put(one, name, "first");
      expect(await other.swap(name, undefined, "second", KEPT_MS) === undefined, "undefined if a text is there");
      expect((await one.get(name)).text === "first", "the first text to stay");
    },
  },
  {
    name: "does not replace a text given an old version",
    run: async ({ one, other }) => {
      const name = newName();
      const old = await put(one, name, "first");
      const { version: read } = await other.get(name);
      const newer = await one.swap(name, old, "second", KEPT_MS);
      for (const version of [old, read]) {
        expect(await other.swap(name, version, "third", KEPT_MS) === undefined, "undefined for an old version");
      }
      expect((await other.get(name)).text === "second", "the second text to stay");
      expect(await other.swap(name, newer, "third", KEPT_MS) !== undefined, "the newest version to still be accepted");
    },
  },
  /* @__PURE__ */ raceCheck("put a text"),
  /* @__PURE__ */ raceCheck("replace a text", "first"),
  {
    name: "keeps a text for its ttl in milliseconds",
    run: async ({ one, other }) => {
      const name = newName();
      const version = await put(one, name, "first", 5_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect((await other.get(name)).text === "first", "a text with a ttl of 5,000 ms after 200 ms");
      expect(await other.swap(name, version, "second", KEPT_MS) !== undefined, "such a text to be replaced");
    },
  },
  {
    name: "removes a text after its ttl, and lets another be put there",
    run: async ({ one, other, timeout }) => {
      const name = newName();
      await put(one, name, "first", SHORT_MS);
      await lapses(other, name, timeout);
      expect((await one.get(name)).version === undefined, "no version without a text");
      await put(other, name, "second");
      expect((await one.get(name)).text === "second", "the second text");
    },
  },
  {
    name: "applies only the ttl of the newest text",
    run: async ({ one, other, timeout }) => {
      const longer = await replaceInTime(one);
      const shorter = newName();
      await one.swap(shorter, await put(one, shorter, "first"), "second", SHORT_MS);
      await lapses(other, shorter, timeout);
      await new Promise((resolve) => setTimeout(resolve, LONGER_MS));
      expect((await other.get(longer)).text === "second", "a text with a longer ttl than the one before it");
    },
  },
  {
    name: "never accepts the version of a text that is gone for a later text",
    run: async ({ one, other, timeout }) => {
      const name = newName();
      const gone = await put(one, name, "first", SHORT_MS);
      await lapses(one, name, timeout);
      expect(await one.swap(name, gone, "second", KEPT_MS) === undefined, "undefined if the text is gone");
      await put(other, name, "third");
      expect(await one.swap(name, gone, "fourth", KEPT_MS) === undefined, "undefined for an earlier version");
      expect((await one.get(name)).text === "third", "the later text to stay");
    },
  },
  {
    name: "gives a text of 64 KiB unchanged, and replaces it",
    run: async ({ one, other }) => {
      for (const text of ["A1+/".repeat(LARGE / 4), "鍵".repeat(LARGE / 3)]) {
        const name = newName();
        const version = await put(one, name, text);
        expect((await other.get(name)).text === text, "a large text as it was put");
        expect(await other.swap(name, version, "small", KEPT_MS) !== undefined, "a large text to be replaced");
      }
    },
  },
  {
    name: "gives a text unchanged, and does not confuse similar texts",
    run: async ({ one, other }) => {
      const name = newName();
      let version: unknown;
      for (const text of ALIKE) {
        const old = version;
        version = await one.swap(name, version, text, KEPT_MS);
        expect(version !== undefined, "a text to replace one that looks like it");
        expect((await other.get(name)).text === text, "a text as it was put");
        if (old !== undefined) {
          expect(
            await other.swap(name, old, "none", KEPT_MS) === undefined,
            "undefined for the version of another text",
          );
        }
      }
    },
  },
  {
    name: "does not confuse similar names",
    run: async ({ one, other }) => {
      const name = newName();
      const names = [
        ...new Set([name, name.toLowerCase(), name.toUpperCase(), name.slice(0, -1), `${name}-`, `_${name}`]),
      ];
      for (const each of names) await put(one, each, `text of ${each}`);
      for (const each of names) expect((await other.get(each)).text === `text of ${each}`, "the text of its name");
    },
  },
];
