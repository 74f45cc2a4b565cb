import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ANSWER_CHECKS } from "../../src/testing/conformance/answers.ts";
import { FAILURE_CHECKS } from "../../src/testing/conformance/failures.ts";
import { conformance, type ConformanceLimit } from "../../src/testing/mod.ts";
import { ANSWERS_FLAWS } from "../support/conformance/answers.ts";
import { CLOSING_FLAWS } from "../support/conformance/closing.ts";
import {
  byValue,
  byVersion,
  leaseHarness,
  textHarness,
  variablesHarness,
  writtenHarness,
} from "../support/conformance/desk.ts";
import type { Flaws, Open } from "../support/conformance/flaws.ts";
import { NEEDS_FLAWS } from "../support/conformance/needs.ts";
import { PERMISSIONS_FLAWS } from "../support/conformance/permissions.ts";
import { READS_FLAWS } from "../support/conformance/reads.ts";
import { TEXTS_FLAWS } from "../support/conformance/texts.ts";
import { WRITES_FLAWS } from "../support/conformance/writes.ts";

/** Each check of what a store may do besides looking up, with the faults that it finds, and what it says of them. */
const FLAWS: Flaws = {
  ...ANSWERS_FLAWS,
  ...READS_FLAWS,
  ...TEXTS_FLAWS,
  ...NEEDS_FLAWS,
  ...CLOSING_FLAWS,
  ...PERMISSIONS_FLAWS,
  ...WRITES_FLAWS,
};

const NO_FAULT = ["deny", "break", "disconnect", "stall"] as const;

const CORRECT: readonly (readonly [string, Open, readonly ConformanceLimit[]])[] = [
  ["variables that are read at once", variablesHarness, []],
  ["leases that end with a login and when they are closed", leaseHarness, ["part"]],
  ["a document that is a plain text too", textHarness, NO_FAULT],
  ["a document that is written by its version", () => writtenHarness(byVersion), NO_FAULT],
  ["a document that is written by its value", () => writtenHarness(byValue, false), NO_FAULT],
];

for (const [what, open, cannot] of CORRECT) {
  Deno.test(`conformance() passes a correct store of ${what}`, async () => {
    for (const { name, run } of conformance("desk", open, cannot)) {
      await run().catch((error) => {
        throw new Error(`${name}: ${error.message}`);
      });
    }
  });
}

for (const [check, flaws] of Object.entries(FLAWS)) {
  for (const [flaw, open, message] of flaws) {
    Deno.test(`conformance() fails a store that ${flaw}`, async () => {
      const { run } = conformance("desk", open, [], { timeout: 2_000 }).find(({ name }) => name === `desk ${check}`)!;
      const error = await assertRejects(run, Error);
      assertMatch(error.message, message);
    });
  }
}

Deno.test("conformance() says which needs a harness lacks", async () => {
  const [check] = conformance("desk", () => ({ ...leaseHarness(), needs: {} }));
  const error = await assertRejects(check!.run, Error);
  assertMatch(error.message, /needs of the harness to have "desk:login", which the store needs/);
});

Deno.test("every check of what a store may do besides looking up finds a fault", () => {
  const others = [...ANSWER_CHECKS, ...FAILURE_CHECKS].map(({ name }) => name);
  const names = conformance("", leaseHarness).map(({ name }) => name.trim()).filter((name) => !others.includes(name));
  assertEquals(Object.keys(FLAWS).toSorted(), names.toSorted());
});
