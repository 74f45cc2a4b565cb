import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  env,
  fromEnv,
  invalid,
  required,
  token,
  unavailable,
} from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

/** Two credentials of a token store whose requests refer to variables. */
function askingChain() {
  const tokens = scriptedStore({ shape: token, answer: { values: { token: "t" }, expiresIn: 600 } });
  const chain = defineChain({
    stores: { m2m: tokens.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      "a:token": {
        fields: { token: required() },
        from: {
          m2m: { scope: fromEnv("A_SCOPE", ""), headers: { realm: fromEnv("REALM", "r") } },
          env: { prefix: "A_" },
        },
      },
      "b:token": {
        fields: { token: required() },
        from: { m2m: { headers: { realm: "r" }, scope: fromEnv("B_SCOPE", "") }, env: { prefix: "B_" } },
      },
      "c:token": { fields: { token: required() }, from: { m2m: { scope: fromEnv("C_SCOPE") }, env: { prefix: "C_" } } },
    },
  });
  return { tokens, chain };
}

Deno.test("what a credential asks for is read when it is asked for: what is blank is left out, and equal requests share a token", async () => {
  const { tokens, chain } = askingChain();
  const resolver = createResolver(chain, testHost({ env: { A_SCOPE: "read", B_SCOPE: "read", C_SCOPE: " " } }));
  const [a, b] = await Promise.all([resolver.resolve("a:token"), resolver.resolve("b:token")]);
  assertEquals([a.get("token"), b.get("token")], ["t", "t"]);
  assertEquals(tokens.asked, [{ scope: "read", headers: { realm: "r" } }]);
  const other = createResolver(chain, testHost({ env: { B_SCOPE: "write" } }));
  await Promise.all([other.resolve("a:token"), other.resolve("b:token")]);
  assertEquals(tokens.asked.slice(1), [{ headers: { realm: "r" } }, { headers: { realm: "r" }, scope: "write" }]);
});

Deno.test("a variable of a request that is lacking stops the walk of that credential alone, until it is set", async () => {
  const { tokens, chain } = askingChain();
  const host = testHost({ env: { C_TOKEN: "seed" } });
  const resolver = createResolver(chain, host);
  const { code, message } = await rejection(resolver.resolve("c:token", { default: { token: "d" } }));
  assertEquals([code, message], ["invalid", 'Cannot resolve "c:token": "m2m" is invalid: C_SCOPE is not set']);
  assertEquals(tokens.asked, []);
  assertEquals((await resolver.resolve("a:token")).source, "m2m");
  host.env.C_SCOPE = "c";
  assertEquals((await resolver.resolve("c:token")).source, "m2m");
  assertEquals(tokens.asked.at(-1), { scope: "c" });
});

Deno.test("a variable of a request that may not be read is denied, and one that is away lets a lower store answer for seconds", async () => {
  const { chain } = askingChain();
  const host = testHost({ env: { C_TOKEN: "seed", C_SCOPE: denied("needs --allow-env=C_SCOPE") } });
  const resolver = createResolver(chain, host);
  const error = await rejection(resolver.resolve("c:token"));
  assertEquals([error.code, error.trace[0]?.detail], ["denied", "needs --allow-env=C_SCOPE"]);
  Object.assign(host.env, { C_SCOPE: unavailable("away") });
  const lower = await resolver.resolve("c:token");
  assertEquals([lower.source, lower.degraded], ["env", true]);
  Object.assign(host.env, { C_SCOPE: "c" });
  await host.clock.advance(5_001);
  const own = await resolver.resolve("c:token");
  assertEquals([own.source, own.degraded], ["m2m", false]);
});

Deno.test("describe() and permissions() name the variables of what credentials ask for", () => {
  const { chain } = askingChain();
  const host = testHost({ env: { A_SCOPE: "read", C_SCOPE: invalid("odd") } });
  assertEquals(createResolver(chain, host).describe().stores[0]?.references, [
    { option: 'credentials["a:token"].scope', variable: "A_SCOPE", set: true },
    { option: 'credentials["a:token"].headers.realm', variable: "REALM", set: false },
    { option: 'credentials["b:token"].scope', variable: "B_SCOPE", set: false },
    { option: 'credentials["c:token"].scope', variable: "C_SCOPE", set: false, unreadable: "invalid" },
  ]);
  const { env } = permissions(chain, host);
  assertEquals(["A_SCOPE", "REALM", "B_SCOPE", "C_SCOPE"].filter((name) => !env.includes(name)), []);
});
