/**
 * Whatever a dotenv file is, a value is the one that every parser reads or none, and nothing of the file is shown.
 */
import { assert, assertEquals } from "@std/assert";
import { parseEnv } from "node:util";
import fc from "npm:fast-check@^4.10.2";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { cleanFiles, fileOf, type Statement, valuesOf } from "../support/fuzz/dotenv_texts.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { FIELDS, loginResolver } from "../support/fuzz/login_chain.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";
import { HOSTILE, mutated } from "../support/fuzz/mutations.ts";
import { readAsNpm } from "../support/fuzz/npm_dotenv.ts";

/** The longest file that the other parser reads in time. */
const MAX_COMPARED = 10_000;

type Case =
  | { readonly marker: Marker; readonly clean: readonly Statement[]; readonly lineBreak: string }
  | { readonly marker: Marker; readonly text: string };

const LARGE = ["\n".repeat(100_000), "A='b'\n".repeat(50_000), "=\n".repeat(100_000), "A=\n'".repeat(50_000)];

const cases: fc.Arbitrary<Case> = markers.chain((marker) => {
  const clean = cleanFiles(marker);
  const noise = fc.array(fc.constantFrom("DB_USER", "DB_WORD", "export ", "=", "=", marker.text, ...HOSTILE));
  const large = fc.tuple(fc.constantFrom(...LARGE), clean).map(([text, all]) => text + fileOf(all));
  return fc.oneof<fc.Arbitrary<Case>[]>(
    fc.record({ marker: fc.constant(marker), clean, lineBreak: fc.constantFrom("\n", "\n", "\r\n") }),
    ...[
      { weight: 200, arbitrary: mutated(clean.map((all) => fileOf(all))) },
      { weight: 30, arbitrary: noise.map((all) => all.join("")) },
      { weight: 1, arbitrary: large },
    ].map(({ weight, arbitrary }) => ({ weight, arbitrary: arbitrary.map((text) => ({ marker, text })) })) as never[],
  );
});

async function outcomeOf(text: string, marker: Marker): Promise<Attempt> {
  const host = fuzzHost({ files: { "/app/.env": text } });
  return await attempt(
    loginResolver(dotenv({ priority: 2, path: "/app/.env" }), "DB_", host),
    "db:login",
    marker,
    host.events,
  );
}

Deno.test("whatever a dotenv file is, a value is the one that every parser reads, or the file is refused", async () => {
  const warn = console.warn;
  const printed: unknown[] = [];
  console.warn = (...all) => printed.push(...all);
  try {
    await fuzz("dotenv files", cases, async (input) => {
      if ("clean" in input) {
        checkClean(input.clean, await outcomeOf(fileOf(input.clean, input.lineBreak), input.marker));
      } else checkAny(input.text, await outcomeOf(input.text, input.marker));
      assertEquals(printed, [], "Something of the file was printed");
    });
  } finally {
    console.warn = warn;
  }
});

/** Of a file that every parser reads alike, exactly what was written is read. */
function checkClean(all: readonly Statement[], { credential, ended, degraded }: Attempt): void {
  const values = valuesOf(all);
  const of = (field: string) => [...values.get(`DB_${field.toUpperCase()}`) ?? []];
  if (FIELDS.some((field) => of(field).length > 1)) return assertEquals(ended, "invalid");
  const found = FIELDS.map((field) => of(field).find((value) => value.trim() !== ""));
  if (found[0] === undefined || found[1] === undefined) {
    assertEquals(ended, "lower");
    assertEquals(degraded, found.some((value) => value !== undefined));
  } else {
    assertEquals(ended, "upper");
    assertEquals(FIELDS.map((field) => credential!.get(field)), found);
  }
}

/** Whether Node's reader goes on at the next line behind `=` and spaces, or takes a comment behind spaces for a name. */
function hasNodesFaults(text: string): boolean {
  return /=[ \t]+\r?\n|^[ \t]+#|^\uFEFF/m.test(text);
}

/** Of any other file, a hit is what another parser reads too, and a plain assignment is not passed over. */
function checkAny(text: string, { credential, ended, degraded }: Attempt): void {
  assert(["upper", "lower", "invalid"].includes(ended), `It ended as ${ended}`);
  if (ended === "upper") {
    const others = text.length < MAX_COMPARED ? [readAsNpm(text), ...hasNodesFaults(text) ? [] : [parseEnv(text)]] : [];
    for (const field of FIELDS) {
      const values = others.map((all) => all[`DB_${field.toUpperCase()}`]);
      for (const value of values) assertEquals(credential!.get(field), value?.trim() ? value : undefined);
    }
  }
  if (ended === "lower" && !degraded && !/['"`]/.test(text)) {
    const assigned = /^[ \t]*(?:export +)?DB_(?:USER|WORD|NOTE)[ \t]*=[ \t]*[^\s#]/m.test(text);
    assert(!assigned, "The seed won although the file assigns a value");
  }
}
