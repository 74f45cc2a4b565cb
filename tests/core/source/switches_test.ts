import { assertEquals } from "@std/assert";
import { createResolver, defineChain, denied, env, flag, fromEnv, memory, required, whenSet } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { notingStore } from "../../support/fixtures/noting_store.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

Deno.test("whenSet() switches a store on where its variable is set, whatever its value, and not where it is blank", async () => {
  for (
    const [value, state, reason] of [
      [undefined, "off", "set STS_URL"],
      ["  ", "off", "set STS_URL"],
      ["false", "on", undefined],
      ["https://s3.example", "on", undefined],
      [denied("needs --allow-env=STS_URL"), "invalid", "needs --allow-env=STS_URL"],
    ] as const
  ) {
    const own = memory({ priority: 1, enabled: whenSet("STS_URL"), values: { user: "u" } });
    const { resolver } = smallChain({ own }, { own: { prefix: "" } }, { env: { STS_URL: value } });
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason]);
    if (state === "on") assertEquals((await resolver.resolve("db:basic")).source, "own");
  }
  const { resolver } = smallChain(
    { own: memory({ priority: 1, enabled: whenSet("STS_URL"), values: { user: "u" } }) },
    { own: { prefix: "" } },
    { env: { STS_URL: denied("needs --allow-env=STS_URL") } },
  );
  assertEquals((await rejection(resolver.resolve("db:basic", { default: { user: "d" } }))).code, "denied");
});

Deno.test("whenSet() forbids defaults where its variable is set", async () => {
  for (const set of [false, true]) {
    const chain = defineChain({
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
      defaults: { forbidWhen: whenSet("CI") },
    });
    const resolver = createResolver(chain, testHost({ env: set ? { CI: "false" } : {} }));
    const [result] = await Promise.allSettled([resolver.resolve("db:basic", { default: { user: "d" } })]);
    assertEquals(result.status === "rejected" && result.reason.code, set && "default_forbidden");
  }
});

Deno.test("a list of flags switches a store on where all of them hold, and the hint names only what is missing", () => {
  const cases: [environment: Record<string, unknown>, state: string, reason: string | undefined][] = [
    [{}, "off", "set M2M to true, set STS_URL and set ROLE"],
    [{ M2M: "false", STS_URL: "u" }, "off", "set M2M to true and set ROLE"],
    [{ M2M: "true" }, "off", "set STS_URL and set ROLE"],
    [{ M2M: "true", STS_URL: "u" }, "invalid", "ROLE is not set"],
    [{ M2M: "true", STS_URL: "u", ROLE: "r" }, "on", undefined],
    [{ M2M: "maybe", ROLE: "r" }, "off", "set M2M to true and set STS_URL"],
    [
      { M2M: "maybe", STS_URL: "u", ROLE: "r" },
      "invalid",
      "M2M is not a flag: expected 1, true, yes, on, 0, false, no or off",
    ],
    [{ M2M: denied("needs --allow-env=M2M"), STS_URL: "u" }, "invalid", "needs --allow-env=M2M"],
    [
      { M2M: denied("needs --allow-env=M2M"), STS_URL: denied("needs --allow-env=STS_URL") },
      "invalid",
      "needs --allow-env=M2M,STS_URL",
    ],
    [
      { ROLE: denied("needs --allow-env=ROLE") },
      "off",
      "set M2M to true, set STS_URL and make ROLE readable",
    ],
  ];
  for (const [environment, state, reason] of cases) {
    const { own } = notingStore();
    const { resolver } = smallChain(
      {
        own: own({
          priority: 1,
          enabled: [true, flag("M2M"), whenSet("STS_URL")],
          url: fromEnv("STS_URL"),
          proxy: fromEnv("ROLE"),
        }),
      },
      { own: { prefix: "" } },
      { env: environment },
    );
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason], JSON.stringify(environment));
    assertEquals(store?.references.map(({ option, variable }) => `${option}: ${variable}`), [
      "enabled: M2M",
      "enabled: STS_URL",
      "url: STS_URL",
      "proxy: ROLE",
    ]);
  }
});

Deno.test("a list with false in it switches a store off, and an empty one leaves it on", () => {
  const { resolver } = smallChain({
    off: memory({ priority: 1, enabled: [whenSet("A"), false] }),
    on: memory({ priority: 2, enabled: [] }),
  }, { off: { prefix: "" } });
  assertEquals(resolver.describe().stores.map(({ state, reason }) => [state, reason]), [
    ["on", undefined],
    ["off", "set A and set enabled to true"],
  ]);
});

Deno.test("a list of what switches a store on takes flags, true and false alone", () => {
  for (const wrong of [["true"], [fromEnv("A")], [[flag("A")]], [flag("A"), null], { A: true }]) {
    assertEquals(
      problems(() => smallChain({ own: memory({ priority: 1, enabled: wrong as never }) }, { own: { prefix: "" } })),
      ["stores.own.enabled: Expected true, false or a flag, such as flag() returns"],
    );
  }
});
