import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createResolver, CredentialError, required, type Resolver, variables } from "../../../mod.ts";
import { scriptedStore } from "../../../src/testing/mod.ts";
import { attempt } from "./attempt.ts";
import { CASES } from "./fuzz.ts";
import { fuzzHost } from "./fuzz_host.ts";
import { assertNoMarker } from "./marker.ts";

const SLOW = new URL("../../slow/", import.meta.url);
const MARKER = { text: "q42z".repeat(5), piece: "q42z" };

Deno.test("100,000 cases are fuzzed together, and no surface is left out", () => {
  assertEquals(Object.values(CASES).reduce<number>((total, each) => total + each, 0), 100_000);
  const sources = [...Deno.readDirSync(SLOW)].filter(({ name }) => name.startsWith("fuzz_"))
    .map(({ name }) => Deno.readTextFileSync(new URL(name, SLOW))).join("\n");
  const fuzzed = [...sources.matchAll(/await fuzz\("([^"]+)"/g)].map(([, surface]) => surface!);
  assertEquals(fuzzed.sort(), Object.keys(CASES).sort());
});

Deno.test("a planted secret is found as it is, in part and in base64", () => {
  for (const shown of [MARKER.text, "a7zq42zq", MARKER.text.toUpperCase(), `Basic ${btoa(MARKER.text)}`]) {
    assertThrows(() => assertNoMarker(shown, MARKER));
  }
  assertNoMarker("nothing of it", MARKER);
});

Deno.test("a secret in a store's detail and a bug of a store fail a case, and a refusal does not", async () => {
  const resolverOf = (answer: Error | string | undefined) => {
    const store = scriptedStore({ shape: variables, answers: { user: answer } }).store({ priority: 1 });
    const credential = { fields: { user: required() }, from: { own: { prefix: "" } } };
    return createResolver(
      { stores: { own: store }, credentials: { "a:b": credential } } as never,
      fuzzHost(),
    ) as Resolver;
  };
  await assertRejects(
    () => attempt(resolverOf(new Error("bug")), "a:b", MARKER),
    Error,
    "looks like a bug of the store",
  );
  await assertRejects(() => attempt(resolverOf("u"), MARKER.text, MARKER), Error, "A planted secret is shown");
  const { error, ended } = await attempt(resolverOf(undefined), "a:b", MARKER);
  assertEquals([error instanceof CredentialError, ended], [true, "not_found"]);
});
