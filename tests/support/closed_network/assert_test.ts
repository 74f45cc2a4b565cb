import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertInstanceOf,
  AssertionError,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

Deno.test("assertEquals() accepts deeply equal values, whatever their prototype and the sign of zero", () => {
  assertEquals({ a: [1, { b: new Date(0) }] }, { a: [1, { b: new Date(0) }] });
  assertEquals(Object.assign(Object.create(null), { a: 1 }), { a: 1 });
  assertEquals(new Set([1, 2]), new Set([2, 1]));
  assertEquals(NaN, NaN);
  assertEquals({ zero: 0 }, { zero: -0 });
});

Deno.test("assertEquals() throws for different values, and shows the difference", () => {
  for (
    const [actual, expected] of [
      [{ a: 1 }, { a: 2 }],
      [{ a: undefined }, {}],
      [[1, 2], [2, 1]],
      [new Error("a"), new Error("b")],
      ["1", 1],
    ]
  ) assertThrows(() => assertEquals<unknown>(actual, expected), AssertionError, "Values are not equal");
  const { message } = assertThrows(() => assertEquals({ port: 1 }, { port: 2 }), AssertionError);
  assert(/port: 1/.test(message) && /port: 2/.test(message), message);
});

Deno.test("assertThrows() and assertRejects() throw for the wrong class, the wrong message, and no error at all", async () => {
  const raise = () => {
    throw new TypeError("the port is taken");
  };
  assertStrictEquals(assertThrows(raise, TypeError, "port is").name, "TypeError");
  assertThrows(() => assertThrows(raise, RangeError), AssertionError, "RangeError");
  assertThrows(() => assertThrows(raise, TypeError, "another"), AssertionError, "another");
  assertThrows(() => assertThrows(() => {}), AssertionError, "to throw");
  const rejection = await assertRejects(() => Promise.reject(new TypeError("late")), TypeError, "late");
  assertInstanceOf(rejection, TypeError);
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError, "to reject");
  await assertRejects(() => assertRejects(raise as () => Promise<void>), AssertionError, "expected to reject");
});

Deno.test("assertObjectMatch() and assertArrayIncludes() throw for a missing part, and assertNotEquals() for equal values", () => {
  assertObjectMatch({ a: 1, b: { c: [1, 2], d: 3 } }, { b: { c: [1, 2] } });
  assertThrows(() => assertObjectMatch({ b: { c: 1 } }, { b: { d: 1 } }), AssertionError);
  assertArrayIncludes([{ a: 1 }, { b: 2 }], [{ b: 2 }]);
  assertThrows(() => assertArrayIncludes(["a"], ["b"]), AssertionError, "missing");
  assertThrows(() => assertNotEquals({ a: 1 }, { a: 1 }), AssertionError);
});
