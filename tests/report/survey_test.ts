import { assertEquals } from "@std/assert";
import { createResolver, defineChain, denied, env, required, variables } from "../../mod.ts";
import { survey } from "../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";

function setUp() {
  const remote = scriptedStore({ shape: variables, local: false, answer: "from afar" });
  const local = scriptedStore({ shape: variables });
  const chain = defineChain({
    stores: { local: local.store({ priority: 3 }), remote: remote.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      "db:above": { fields: { user: required() }, from: { local: { prefix: "" }, remote: { prefix: "" } } },
      "db:below": { fields: { user: required() }, from: { remote: { prefix: "" }, env: { prefix: "DB_" } } },
      "db:near": { fields: { user: required() }, from: { env: { prefix: "NONE_" } } },
    },
  });
  return { local, remote, resolver: createResolver(chain, testHost({ env: { DB_USER: "reader" } })) };
}

Deno.test("survey() asks only stores that need no network, and resolves what these can decide", async () => {
  const { local, remote, resolver } = setUp();
  local.answer = "from near";
  await survey(resolver);
  const [above, below, near] = resolver.describe().credentials;
  assertEquals(remote.asked, []);
  assertEquals(above?.held?.source, "local");
  assertEquals([below?.held, below?.last?.error], [undefined, undefined]);
  assertEquals(below?.last?.trace, [{ store: "env", outcome: "hit", role: "winner" }]);
  assertEquals([near?.last?.error, near?.last?.missing], ["not_found", ["NONE_USER"]]);
});

Deno.test("survey() records that a store stopped the walk, and continues with the other credentials", async () => {
  const { local, resolver } = setUp();
  local.answer = denied("sealed");
  await survey(resolver);
  const [above, , near] = resolver.describe().credentials;
  assertEquals([above?.last?.error, near?.last?.error], ["denied", "not_found"]);
});

Deno.test("survey() of a resolver that is disposed of asks no store, and does not fail", async () => {
  const { local, resolver } = setUp();
  local.answer = () => new Promise(() => {});
  await resolver[Symbol.asyncDispose]();
  await survey(resolver);
  assertEquals(local.asked, []);
});

Deno.test("survey() does not fail where the resolver is disposed of meanwhile", async () => {
  const { local, resolver } = setUp();
  local.later = true;
  const surveyed = survey(resolver);
  await resolver[Symbol.asyncDispose]();
  await surveyed;
  assertEquals(local.asked, ["user"]);
});

Deno.test("survey() does not replace the result of a resolve", async () => {
  const { remote, resolver } = setUp();
  await resolver.resolve("db:below");
  const asked = remote.asked.length;
  await survey(resolver);
  const { held, last } = resolver.describe().credentials[1]!;
  assertEquals([held?.source, last?.trace[0]?.store, remote.asked.length], ["remote", "remote", asked]);
});
