import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import {
  createResolver,
  CredentialError,
  denied,
  destination,
  document,
  invalid,
  optional,
  type Refusal,
  required,
  type Resolver,
  setting,
  type Stores,
  unavailable,
  variables,
} from "../../../mod.ts";
import { isRefusal } from "../../../src/core/chain/outcome.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

const FIELDS = {
  user: required(),
  password: required(),
  note: optional(),
  zone: setting(),
  uri: destination({ from: ["s1"] }),
};
const NAMES = ["user", "password", "note", "zone", "uri"] as const;

interface Said {
  readonly shape: "variables" | "document";
  readonly later: boolean;
  readonly off: boolean;
  readonly has: readonly (typeof NAMES)[number][];
  readonly refusal: Refusal | undefined;
}

const said: fc.Arbitrary<Said> = fc.record({
  shape: fc.constantFrom("variables", "document"),
  later: fc.boolean(),
  off: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  has: fc.subarray([...NAMES]),
  refusal: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    fc.constantFrom(denied("d"), invalid("i"), unavailable("u")),
  ),
});

function valueOf(store: string, name: string): string {
  return name === "uri" ? `https://${store}.example` : `${name} of ${store}`;
}

function resolverOf(all: readonly Said[]): Resolver {
  const stores: Record<string, Stores[string]> = {};
  const from: Record<string, unknown> = {};
  for (const [at, { shape, later, off, has, refusal }] of all.entries()) {
    const name = `s${at}`;
    const values = Object.fromEntries(has.map((field) => [field, valueOf(name, field)]));
    const options = { priority: 100 - at, enabled: !off };
    stores[name] = shape === "variables"
      ? scriptedStore({ shape: variables, answers: values, answer: refusal, later }).store(options)
      : scriptedStore({ shape: document, answer: refusal ?? values, later }).store(options);
    from[name] = shape === "variables" ? { prefix: "" } : "db.json";
  }
  return createResolver(
    { stores, credentials: { "db:basic": { fields: FIELDS, from } } } as never,
    testHost(),
  ) as Resolver;
}

/** What the walk's table says, in the plainest words. */
function expected(all: readonly Said[]): { source: string } | { code: string } {
  let gravest = "not_found";
  for (const [at, { shape, off, has, refusal }] of all.entries()) {
    if (off) continue;
    if (isRefusal(refusal)) {
      if (refusal.outcome !== "unavailable") return { code: refusal.outcome };
      gravest = "unavailable";
      continue;
    }
    const identity = has.filter((name) => name === "user" || name === "password" || name === "note");
    if (identity.includes("user") && identity.includes("password")) return { source: `s${at}` };
    if (identity.length === 0) continue;
    if (shape === "document") return { code: "incomplete" };
    if (gravest === "not_found") gravest = "incomplete";
  }
  return { code: gravest };
}

Deno.test("whatever the stores say, an identity is of one store and the walk does as its table says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 2, maxLength: 6 }), async (all) => {
      const foreseen = expected(all);
      const [settled] = await Promise.allSettled([resolverOf(all).resolve("db:basic")]);
      if (settled.status === "rejected") {
        assert(settled.reason instanceof CredentialError);
        const stopped = settled.reason.trace.find(({ role }) => role === "stopped");
        const bySetting = "source" in foreseen && stopped?.store === "s1";
        if (!bySetting) assertEquals(foreseen, { code: settled.reason.code });
        return;
      }
      const credential = settled.value;
      assertEquals(foreseen, { source: credential.source });
      for (const name of ["user", "password", "note"]) {
        const value = credential.get(name);
        assert(value === undefined || value === valueOf(credential.source, name), `an identity of one store: ${name}`);
      }
      const uri = credential.sourceOf("uri");
      assert(
        uri === undefined || uri === credential.source || uri === "s1",
        "an address of the winner or of who is named",
      );
    }),
    { numRuns: 2_000 },
  );
});
