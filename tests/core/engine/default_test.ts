import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  destination,
  env,
  flag,
  memory,
  optional,
  required,
  setting,
} from "../../../mod.ts";
import type { DefaultPolicy, StandardSchema } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const DEFAULT = { user: "root", password: "s3cr3t" };

function chainOf(defaults: DefaultPolicy, variables: Record<string, unknown> = {}) {
  const host = testHost({ env: variables });
  const chain = defineChain({
    defaults,
    stores: { env: env({ priority: 100 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), uri: destination(), region: setting() },
        from: { env: { prefix: "DB_" } },
      },
      "db:rest": {
        fields: { credential: optional(), token: optional() },
        anyOf: ["credential", "token"],
        from: { env: { prefix: "REST_" } },
      },
    },
  });
  return { host, resolver: createResolver(chain, host) };
}

Deno.test('a default is used if no store has the credential, and its source is "default"', async () => {
  const { resolver } = chainOf("allow");
  const credential = await resolver.resolve("db:basic", { default: { ...DEFAULT, region: "here" } });
  assertEquals([credential.source, credential.degraded, credential.get("user")], ["default", false, "root"]);
  assertEquals([credential.sourceOf("region"), credential.expiresAt], ["default", undefined]);
  assertEquals(credential.trace, [{ store: "env", outcome: "miss", role: "passed" }]);
});

Deno.test("no part of a default is used if a store has the credential", async () => {
  const { resolver } = chainOf("allow", { DB_USER: "u", DB_PASSWORD: "p" });
  const credential = await resolver.resolve("db:basic", { default: { ...DEFAULT, region: "here", uri: "db://there" } });
  assertEquals([credential.get("region"), credential.get("uri")], [undefined, undefined]);
});

Deno.test("each caller gets its own default, and equal defaults give the same object", async () => {
  const { resolver } = chainOf("allow");
  const [first, second, again] = await Promise.all([
    resolver.resolve("db:basic", { default: DEFAULT }),
    resolver.resolve("db:basic", { default: { user: "other", password: "other" } }),
    resolver.resolve("db:basic", { default: { ...DEFAULT } }),
  ]);
  assertEquals([first.get("user"), second.get("user")], ["root", "other"]);
  assertStrictEquals(first, again);
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "not_found");
});

Deno.test("find(), peek() and describe() never show a caller's default", async () => {
  const { resolver } = chainOf("allow");
  await resolver.resolve("db:basic", { default: DEFAULT });
  assertEquals([await resolver.find("db:basic"), resolver.peek("db:basic")], [undefined, undefined]);
  assertEquals(resolver.describe().credentials[0]?.held, undefined);
});

Deno.test("the error of a chain that forbids defaults says what to supply", async () => {
  const { resolver } = chainOf("forbid");
  const error = await rejection(resolver.resolve("db:basic", { default: DEFAULT }));
  assertEquals([error.code, error.missing], ["default_forbidden", ["DB_USER", "DB_PASSWORD"]]);
  assertEquals(
    error.message,
    'Cannot resolve "db:basic": no store has it, and the chain forbids defaults: supply DB_USER and DB_PASSWORD in "env"',
  );
});

Deno.test("a flag forbids defaults while it is set, and if its value is invalid", async () => {
  for (
    const [value, forbidden] of [["1", true], ["TRUE", true], ["off", false], ["", false], ["maybe", true]] as const
  ) {
    const { resolver } = chainOf({ forbidWhen: flag("IN_PRODUCTION") }, { IN_PRODUCTION: value });
    const resolved = resolver.resolve("db:basic", { default: DEFAULT });
    if (forbidden) assertEquals((await rejection(resolved)).code, "default_forbidden");
    else assertEquals((await resolved).source, "default");
  }
});

Deno.test("an incomplete or invalid default is refused at run time too", async () => {
  const { resolver } = chainOf("allow");
  const cases = [
    [{ user: "root" }, 'Cannot use the default of "db:basic": it lacks password'],
    [{ user: "root", password: "  " }, 'Cannot use the default of "db:basic": it lacks password'],
    [{ ...DEFAULT, uri: "nowhere" }, 'Cannot use the default of "db:basic": uri is not a URL, or contains user info'],
  ] as const;
  for (const [given, message] of cases) {
    await assertRejects(() => resolver.resolve("db:basic", { default: given as never }), TypeError, message);
  }
  await assertRejects(
    () => resolver.resolve("db:rest", { default: {} }),
    TypeError,
    'Cannot use the default of "db:rest": it lacks credential and token',
  );
});

Deno.test("a store that is installed takes precedence over the default that was used before", async () => {
  const { resolver, host } = chainOf("allow");
  assertEquals((await resolver.resolve("db:basic", { default: DEFAULT })).source, "default");
  const sources: string[] = [];
  using _listener = resolver.onChange("db:basic", ({ source }) => sources.push(source));
  using _store = resolver.install("minted", memory({ priority: 500, values: { user: "u", password: "p" } }), {
    "db:basic": { prefix: "" },
  });
  assertEquals((await resolver.resolve("db:basic", { default: DEFAULT })).source, "minted");
  assertEquals(sources, ["minted"]);
  assertEquals(host.events.map(({ type }) => type), ["walk", "walk", "changed"]);
});

Deno.test("two defaults that print alike are not mixed up: an object of a class equals only itself", async () => {
  class Password {
    readonly #text: string;
    constructor(text: string) {
      this.#text = text;
    }
    reveal(): string {
      return this.#text;
    }
  }
  const schema: StandardSchema<string, Password> = {
    "~standard": { version: 1, vendor: "test", validate: (text) => ({ value: new Password(String(text)) }) },
  };
  const fields = { password: required(schema) };
  const { resolver } = smallChain({ env: env({ priority: 100 }) }, { env: { prefix: "DB_" } }, { fields });
  for (const text of ["one", "two"]) {
    const credential = await resolver.resolve("db:basic", { default: { password: new Password(text) } });
    assertEquals(credential.get("password").reveal(), text);
  }
});
