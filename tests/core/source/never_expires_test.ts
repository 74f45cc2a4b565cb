import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  answer,
  type Credential,
  defineStore,
  denied,
  env,
  invalid,
  required,
  type Token,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import { parse } from "valibot";
import { descriptionSchema } from "../../../src/report/mod.ts";
import { scriptedStore } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const lease = (user: string): Token => ({ values: { user }, expires: "never" });

function leasing(options: { readonly recheck?: number; readonly ofKind?: number } = {}) {
  const { ofKind, ...own } = options;
  const tokens = scriptedStore({ shape: token, answer: lease("a"), ...(ofKind !== undefined && { recheck: ofKind }) });
  const { resolver, host } = smallChain(
    { own: tokens.store({ priority: 2, ...own }), env: env({ priority: 1 }) },
    { own: true, env: { prefix: "DB_" } },
    { fields: { user: required() }, env: { DB_USER: "seed" } },
  );
  return { tokens, resolver, host };
}

const stateOf = ({ source, degraded, expiresAt }: Pick<Credential, "source" | "degraded" | "expiresAt">) => [
  source,
  degraded,
  expiresAt,
];

Deno.test("a token that does not expire has no expiry, and is asked for again after the store's recheck", async () => {
  for (
    const [options, recheck] of [[{}, 300_000], [{ recheck: 60_000 }, 60_000], [{ ofKind: 7_000 }, 7_000], [
      { ofKind: 7_000, recheck: 9_000 },
      9_000,
    ]] as const
  ) {
    const { tokens, resolver, host } = leasing(options);
    const first = await resolver.resolve("db:basic");
    assertEquals(stateOf(first), ["own", false, undefined]);
    const [described] = parse(descriptionSchema, resolver.describe()).credentials;
    assertEquals(described?.held?.renewsAt, new Date(host.clock.now() + recheck).toISOString());
    await host.clock.advance(recheck - 1);
    await resolver.resolve("db:basic");
    assertEquals(tokens.asked.length, 1);
    await host.clock.advance(1);
    assertStrictEquals(await resolver.resolve("db:basic"), first);
    assertEquals(tokens.asked.length, 2);
    tokens.answer = lease("b");
    await host.clock.advance(recheck);
    assertEquals((await resolver.resolve("db:basic")).get("user"), "b");
  }
});

Deno.test("what is good for longer than a date can express is described, and has no expiry", async () => {
  const { resolver } = leasing({ recheck: Number.MAX_SAFE_INTEGER });
  await resolver.resolve("db:basic");
  const { renewsAt, expiresAt } = parse(descriptionSchema, resolver.describe()).credentials[0]?.held ?? {};
  assertEquals([renewsAt, expiresAt], [undefined, undefined]);
  const ages = defineStore({
    kind: "ages",
    shape: variables,
    open: () => () => answer("a", { expiresAt: Number.MAX_SAFE_INTEGER }),
  });
  const { resolver: other } = smallChain({ own: ages({ priority: 1 }) }, { own: { prefix: "" } });
  assertEquals((await other.resolve("db:basic")).expiresAt, undefined);
  assertEquals(parse(descriptionSchema, other.describe()).credentials[0]?.held?.expiresAt, undefined);
});

Deno.test("a token that does not expire is used until it is invalidated, with a recheck of Infinity", async () => {
  const { tokens, resolver, host } = leasing({ recheck: Infinity });
  const first = await resolver.resolve("db:basic");
  await host.clock.advance(30 * 86_400_000);
  assertStrictEquals(await resolver.resolve("db:basic"), first);
  assertEquals(parse(descriptionSchema, resolver.describe()).credentials[0]?.held?.renewsAt, undefined);
  tokens.answer = lease("b");
  resolver.invalidate(first);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "b");
});

Deno.test("a token that does not expire outlives any outage, degraded, and is asked for again every few seconds", async () => {
  const { tokens, resolver, host } = leasing();
  await resolver.resolve("db:basic");
  tokens.answer = unavailable("away");
  for (let minute = 0; minute < 60 * 24; minute += 30) {
    await host.clock.advance(30 * 60_000);
    assertEquals(stateOf(await resolver.resolve("db:basic")), ["own", true, undefined]);
  }
  tokens.answer = lease("b");
  await host.clock.advance(15_001);
  const after = await resolver.resolve("db:basic");
  assertEquals([...stateOf(after), after.get("user")], ["own", false, undefined, "b"]);
});

Deno.test("a token that does not expire hides neither a denial nor an answer that is invalid, as a static one does not", async () => {
  for (const refusal of [denied("revoked"), invalid("odd")]) {
    const { tokens, resolver, host } = leasing();
    await resolver.resolve("db:basic");
    tokens.answer = refusal;
    await host.clock.advance(300_000);
    assertEquals((await rejection(resolver.resolve("db:basic"))).code, refusal.outcome);
    tokens.answer = lease("b");
    await host.clock.advance(15_001);
    assertEquals((await resolver.resolve("db:basic")).get("user"), "b");
  }
});

Deno.test("a store is told that what it gave before does not expire, and may give something that does", async () => {
  const { tokens, resolver, host } = leasing();
  const seen: (Token | undefined)[] = [];
  tokens.answer = (_, { previous }) => {
    seen.push(previous);
    return seen.length === 1
      ? { ...lease("a"), expiresIn: 0, expiresAt: 0 }
      : { values: { user: "b" }, expiresIn: 600 };
  };
  await resolver.resolve("db:basic");
  await host.clock.advance(300_000);
  const second = await resolver.resolve("db:basic");
  assertEquals(seen, [undefined, lease("a")]);
  assertEquals(second.expiresAt, host.clock.now() + 600_000);
});

Deno.test("another word than never is no expiry, although no compiler looked, nor is a lifetime of 0 or Infinity", async () => {
  for (
    const [answer, code] of [
      [{ values: { user: "a" }, expires: "nevr" }, "invalid"],
      [{ values: { user: "a" }, expiresIn: Infinity }, "invalid"],
      [{ values: { user: "a" }, expiresIn: 0 }, "unavailable"],
    ] as const
  ) {
    const { tokens, resolver } = leasing();
    tokens.answer = answer as never;
    const [step] = (await resolver.find("db:basic").then((found) => found!.trace, (error) => error.trace)) as {
      readonly outcome: string;
    }[];
    assertEquals(step?.outcome, code);
  }
});
