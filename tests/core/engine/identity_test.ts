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

interface ScriptedAnswer {
  readonly shape: "variables" | "document";
  readonly later: boolean;
  readonly off: boolean;
  readonly has: readonly (typeof NAMES)[number][];
  readonly refusal: Refusal | undefined;
}

const answers: fc.Arbitrary<ScriptedAnswer> = fc.record({
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

function resolverOf(all: readonly ScriptedAnswer[]): Resolver {
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

type Expected = { source: string } | { code: string };

/** The rules of the walk, written as simply as possible. */
function expected(all: readonly ScriptedAnswer[]): Expected {
  const outcome = expectedIdentity(all);
  if ("code" in outcome && outcome.stopped) return { code: outcome.code };
  const wanted = new Set(["zone", "uri"]);
  const supply = ({ has }: ScriptedAnswer, allowed: (name: string) => boolean) => {
    for (const name of has) if (allowed(name)) wanted.delete(name);
  };
  const winner = "source" in outcome ? all[Number(outcome.source.slice(1))] : undefined;
  if (winner) supply(winner, () => true);
  for (const [at, each] of all.entries()) {
    const allowed = (name: string) => name === "zone" || at === 1;
    if (each === winner || each.off || ![...wanted].some(allowed)) continue;
    if (!isRefusal(each.refusal)) supply(each, allowed);
    else if (each.refusal.outcome === "invalid" || wanted.has("uri") && at === 1) return { code: each.refusal.outcome };
  }
  return "source" in outcome ? outcome : { code: outcome.code };
}

function expectedIdentity(all: readonly ScriptedAnswer[]): { source: string } | { code: string; stopped: boolean } {
  let gravest = "not_found";
  for (const [at, { shape, off, has, refusal }] of all.entries()) {
    if (off) continue;
    if (isRefusal(refusal)) {
      if (refusal.outcome !== "unavailable") return { code: refusal.outcome, stopped: true };
      gravest = "unavailable";
      continue;
    }
    const identity = has.filter((name) => name === "user" || name === "password" || name === "note");
    if (identity.includes("user") && identity.includes("password")) return { source: `s${at}` };
    if (identity.length === 0) continue;
    if (shape === "document") return { code: "incomplete", stopped: true };
    if (gravest === "not_found") gravest = "incomplete";
  }
  return { code: gravest, stopped: false };
}

Deno.test("whatever the stores answer, an identity comes from one store, and the walk follows its rules", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 2, maxLength: 6 }), async (all) => {
      const outcome = expected(all);
      const [result] = await Promise.allSettled([resolverOf(all).resolve("db:basic")]);
      if (result.status === "rejected") {
        assert(result.reason instanceof CredentialError);
        assertEquals(outcome, { code: result.reason.code });
        return;
      }
      const credential = result.value;
      assertEquals(outcome, { source: credential.source });
      for (const name of ["user", "password", "note"]) {
        const value = credential.get(name);
        assert(
          value === undefined || value === valueOf(credential.source, name),
          `${name} is from another store than the identity`,
        );
      }
      const uri = credential.sourceOf("uri");
      assert(
        uri === undefined || uri === credential.source || uri === "s1",
        "uri is neither from the store of the identity nor from one that its destination names",
      );
    }),
    { numRuns: 2_000 },
  );
});
