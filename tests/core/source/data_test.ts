import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { canonical, isData } from "../../../src/core/source/data.ts";

const SPARSE = [1, 2];
delete SPARSE[0];

for (
  const [what, value] of Object.entries({
    "undefined in an array": [undefined],
    "undefined deep in an array": { scopes: [["a", undefined]] },
    "an array with a hole": SPARSE,
    "an array with a hole and a member": Object.assign([...SPARSE, 3].filter(() => true), { length: 4, extra: 1 }),
    "an array with a member": Object.assign(["a"], { extra: 1 }),
    "NaN": [NaN],
    "Infinity": { lifetime: Infinity },
    "a date": new Date(0),
    "a map": new Map([["a", 1]]),
    "a bigint": 1n,
    "an object with toJSON": { toJSON: () => 1 },
  })
) {
  Deno.test(`${what} is no data that JSON can represent, and names nothing`, () => {
    assertEquals(isData(value), false);
  });
}

Deno.test("data has one text, in whatever order it was written, and other data has another", () => {
  const values = [
    null,
    [null],
    [],
    {},
    "",
    "null",
    0,
    "0",
    false,
    [0],
    { a: null },
    { a: [] },
    [[]],
    "\ud800",
    "\ufffd",
  ];
  assert(values.every((value) => isData(value)));
  assertEquals(new Set(values.map(canonical)).size, values.length);
  assertEquals(canonical({ a: 1, b: { c: 2, d: 3 } }), canonical({ b: { d: 3, c: 2 }, a: 1 }));
  assertNotEquals(canonical({ a: [1, 2] }), canonical({ a: [2, 1] }));
});

// Hint: no server is asked for anything else by them.
Deno.test("a member that is undefined is one that is absent, and a negative zero is a zero", () => {
  assert(isData({ scope: undefined }) && isData(-0));
  assertEquals(canonical({ scope: undefined }), canonical({}));
  assertEquals(canonical(-0), canonical(0));
});
