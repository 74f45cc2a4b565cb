import { assertEquals } from "@std/assert";
import { createResolver, defineChain, denied, env, memory, required, token, unavailable } from "../../../mod.ts";
import { persist } from "../../../src/bootstrap/mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const HOUR = 3_600_000;

function chainOf() {
  const script = scriptedStore({ shape: token });
  const chain = defineChain({
    stores: { m2m: script.store({ priority: 3 }), env: env({ priority: 2 }), memory: memory({ priority: 1 }) },
    credentials: {
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: true, env: { prefix: "POLARIS_" }, memory: { prefix: "" } },
      },
    },
  });
  const host = testHost();
  const taken = () => (host.events as unknown[]).splice(0);
  return { script, host, resolver: createResolver(chain, host), taken };
}

Deno.test("each event that the log gets has the members that its documentation lists, and no other", async () => {
  const { script, host, resolver, taken } = chainOf();
  const key = "polaris:rest";
  script.answer = { values: { token: "not-a-secret" }, expiresIn: 3_600 };
  await resolver.resolve(key);
  assertEquals(taken(), [{ type: "renewed", store: "m2m" }, { type: "walk", key, store: "m2m", degraded: false }]);

  script.answer = unavailable("HTTP 503");
  host.env.POLARIS_TOKEN = "not-a-secret-either";
  await host.clock.advance(HOUR);
  await resolver.resolve(key);
  assertEquals(taken(), [
    { type: "failed", store: "m2m", error: "unavailable", detail: "HTTP 503" },
    { type: "walk", key, store: "env", degraded: true },
    { type: "degraded", key, store: "env" },
    { type: "changed", key, store: "env" },
  ]);

  script.answer = denied("the client was refused");
  await host.clock.advance(15_000);
  await rejection(resolver.resolve(key));
  const detail = '"m2m" is denied: the client was refused';
  assertEquals(taken(), [
    { type: "failed", store: "m2m", error: "denied", detail: "the client was refused" },
    { type: "walk", key, error: "denied" },
    { type: "stopped", key, detail },
  ]);

  script.answer = undefined;
  delete host.env.POLARIS_TOKEN;
  await host.clock.advance(15_000);
  assertEquals(await resolver.find(key), undefined);
  assertEquals(taken(), [{ type: "walk", key, error: "not_found" }]);

  host.env.POLARIS_TOKEN = "not-a-secret-either";
  await persist(resolver, key, { token: "minted" });
  assertEquals(taken(), [
    { type: "walk", key, store: "env", degraded: false },
    { type: "changed", key, store: "env" },
    {
      type: "shadowed",
      key,
      store: "env",
      detail: 'it is asked before "memory", where the credential was written',
    },
  ]);
});

Deno.test("a resolve of what is held logs nothing, and a resolver without a log resolves all the same", async () => {
  const { script, resolver, taken } = chainOf();
  script.answer = { values: { token: "not-a-secret" }, expiresIn: 3_600 };
  await resolver.resolve("polaris:rest");
  taken();
  await resolver.resolve("polaris:rest");
  assertEquals(taken(), []);
});
