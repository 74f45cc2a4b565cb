/**
 * Whatever a chain writes as a locator, it is refused as a mistake or reads what is in the document and nothing else.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { ChainError, createResolver, document, required, type Resolver, variables } from "../../mod.ts";
import { isRefusal } from "../../src/core/chain/outcome.ts";
import { compileLocator, pathsOf } from "../../src/core/source/locator.ts";
import { scriptedStore } from "../../src/testing/mod.ts";
import { attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { assertNoMarker, type Marker, markers } from "../support/fuzz/marker.ts";
import { mutated } from "../support/fuzz/mutations.ts";

const NAMES = [
  "user",
  "a/b",
  "~",
  "~1",
  "~01",
  "",
  " ",
  "0",
  "length",
  "__proto__",
  "constructor",
  "toString",
  "é",
  "😀",
];
const NOT_TEXT: readonly unknown[] = [null, 7, true, {}, [], "", " ", { toString: 1, valueOf: 1 }];

const pointers = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 })
  .map((names) => names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
const parts = fc.oneof(fc.constantFrom("user", "word", "$.user", "a.b", "hosts[0]"), pointers);
const templates = fc.tuple(
  fc.constantFrom("", "Bearer ", "x"),
  fc.array(fc.tuple(parts, fc.constantFrom(":", "", "@", "::", " ", "\n")), { minLength: 1, maxLength: 4 }),
).map(([lead, all]) => lead + all.map(([part, separator]) => `{${part}}${separator}`).join(""));
const huge = fc.constantFrom("/a".repeat(30_000), "{a}:".repeat(10_000), "{".repeat(50_000), "{a".repeat(30_000));
const locators = fc.oneof(
  { weight: 40, arbitrary: mutated(fc.oneof(parts, templates)) },
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: huge },
);

interface Case {
  readonly locator: string;
  readonly marker: Marker;
  /** What stands at each of its paths. */
  readonly values: readonly unknown[];
}

const cases: fc.Arbitrary<Case> = fc.tuple(locators, markers).chain(([locator, marker]) => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(marker.text, `${marker.text}:`, ` ${marker.text}@`) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...NOT_TEXT) },
  );
  return fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({ locator, marker, values }));
});

/** Builds a document with these values at the paths of a locator. */
function documentOf({ locator, values }: Case): object {
  const root = {};
  for (const [at, path] of pathsOf(locator).slice(0, 100).entries()) put(root, path, values[at % values.length]);
  return root;
}

// Hint: a value that is an object gets what stands beneath it, so each place has one of its own.
function put(root: object, path: readonly string[], value: unknown): void {
  let parent = root as Record<string, unknown>;
  for (const [at, name] of path.entries()) {
    // Hint: the length of a list is what it is.
    if (Array.isArray(parent) && name === "length") return;
    const inner = at === path.length - 1 ? structuredClone(value) : own(parent, name) ?? {};
    Object.defineProperty(parent, name, { value: inner, enumerable: true, configurable: true, writable: true });
    if (typeof inner !== "object" || inner === null) return;
    parent = inner as Record<string, unknown>;
  }
}

function own(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

Deno.test("whatever a locator is, it is a mistake that is told, or reads only what stands at its own places", async () => {
  await fuzz("locators", cases, async (input) => {
    const { locator, marker } = input;
    const compiled = compileLocator(locator, String);
    const content = documentOf(input);
    if (typeof compiled === "string") assertNoMarker(compiled, marker);
    else {
      const found = compiled(content);
      if (isRefusal(found)) assertNoMarker(found.detail, marker);
      assertEquals(compiled({}), { value: undefined }, "It found something where nothing is");
    }
    await resolveWith(input, content, typeof compiled === "string");
  });
});

async function resolveWith({ locator, marker }: Case, content: object, isMistake: boolean): Promise<void> {
  const upper = scriptedStore({ shape: document, answer: () => content }).store({ priority: 2 });
  const lower = scriptedStore({ shape: variables, answers: { user: "lower" } }).store({ priority: 1 });
  const from = { upper: { document: "d.json", fields: { user: locator } }, lower: { prefix: "" } };
  const chain = { stores: { upper, lower }, credentials: { "a:b": { fields: { user: required() }, from } } };
  const resolver = compile(chain);
  assertEquals(resolver === undefined, isMistake, "What the compiler of locators says is not what the chain says");
  if (!resolver) return;
  const { credential, ended, degraded } = await attempt(resolver, "a:b", marker);
  assertEquals(degraded, false);
  if (ended === "lower") assertEquals(Object.keys(content), [], "The seed won although something is in the document");
  else assert(["upper", "invalid", "incomplete"].includes(ended), `It ended as ${ended}`);
  if (credential && ended === "upper") assert(String(credential.get("user")).includes(marker.piece));
}

function compile(chain: object): Resolver | undefined {
  try {
    return createResolver(chain as never, fuzzHost()) as Resolver;
  } catch (error) {
    assert(error instanceof ChainError, String(error));
  }
}
