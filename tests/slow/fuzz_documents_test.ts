/**
 * Whatever stands in a document, nothing crashes, no message shows it, and the seed below it does not win unnoticed.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, document, file, type Resolver, type Stores, variables } from "../../mod.ts";
import { scriptedStore, type TestDisk } from "../../src/testing/mod.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import {
  credentialsOf,
  DOCUMENT,
  holdsNothing,
  type Kind,
  KINDS,
  pathsOf,
  valuesByForm,
} from "../support/fuzz/document_kinds.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { jsonTexts } from "../support/fuzz/json_texts.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";

const MAX_FILE_BYTES = 1_048_576;
const LOWER = { user: "lower", word: "lower", note: "lower", pair: "lower:lower" };

interface Case {
  readonly kind: Kind;
  readonly marker: Marker;
  /** What stands in the document, first and after a while. */
  readonly texts: readonly string[];
}

/** How long a document is used before it is read again, in milliseconds. */
const RECHECK_MS = 1_000;

const cases: fc.Arbitrary<Case> = fc.tuple(fc.constantFrom(...Object.keys(KINDS)), markers).chain(([name, marker]) =>
  fc.array(jsonTexts(pathsOf(KINDS[name]!), marker), { minLength: 1, maxLength: 2 })
    .map((texts) => ({ kind: KINDS[name]!, marker, texts }))
);

function resolverOf(kind: Kind, upper: Stores[string], host: FuzzHost): Resolver {
  const lower = scriptedStore({ shape: variables, answers: { ...LOWER } }).store({ priority: 1 });
  return createResolver({ stores: { upper, lower }, credentials: credentialsOf(kind) } as never, host) as Resolver;
}

/** Holds what a credential of a document must be, in whatever way the document was read. */
function checkOutcome(kind: Kind, content: unknown, { credential, ended, degraded }: Attempt): void {
  assert(["upper", "lower", "invalid", "incomplete"].includes(ended), `It ended as ${ended}`);
  assertEquals(degraded, false, "A document that was read degraded the credential");
  if (ended === "lower") assert(holdsNothing(kind, content), "The seed won although something stands in the document");
  if (ended !== "upper") return;
  const values = valuesByForm(kind, content);
  const names = Object.keys(kind.forms[0]!).filter((name) => credential!.get(name) !== undefined);
  assert(
    values.some((form) => names.every((name) => isText(form[name], credential!.get(name)))),
    "The values are not those of one form of the document",
  );
}

// Hint: the schema of one kind makes text of a number.
function isText(found: unknown, value: unknown): boolean {
  return found === value || typeof found === "number" && String(found) === value;
}

Deno.test("whatever a JSON file holds, no seed below it wins unnoticed, and no message quotes it", async () => {
  const inputs = fc.record({ input: cases, sync: fc.boolean() });
  await fuzz("JSON documents", inputs, async ({ input: { kind, marker, texts }, sync }) => {
    const files: TestDisk = {};
    const host = fuzzHost({ files });
    const resolver = resolverOf(kind, file({ priority: 2, directory: "/state", sync }), host);
    for (const text of texts) {
      files[`/state/${DOCUMENT}`] = text;
      const outcome = await attempt(resolver, "a:b", marker, host.events);
      const content = parse(text);
      if (content) checkOutcome(kind, content.value, outcome);
      else assertEquals(outcome.ended, "invalid");
      host.clock.advance(RECHECK_MS);
    }
  });
});

/** Parses what a reader of UTF-8 files can be sure of. */
function parse(text: string): { readonly value: unknown } | undefined {
  if (text.includes("\uFFFD") || new TextEncoder().encode(text).length > MAX_FILE_BYTES) return undefined;
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    return undefined;
  }
}

Deno.test("whatever a store's document is, no seed below it wins unnoticed, and no message quotes it", async () => {
  const inputs = fc.record({ input: cases, later: fc.boolean() });
  await fuzz("JSON values", inputs, async ({ input: { kind, marker, texts }, later }) => {
    const host = fuzzHost();
    const store = scriptedStore({ shape: document, later, recheck: RECHECK_MS });
    const resolver = resolverOf(kind, store.store({ priority: 2 }), host);
    for (const text of texts) {
      const content = parse(text)?.value ?? undefined;
      store.answer = () => content;
      checkOutcome(kind, content, await attempt(resolver, "a:b", marker, host.events));
      host.clock.advance(RECHECK_MS);
    }
  });
});
