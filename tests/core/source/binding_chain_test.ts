import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  perCredential,
  type Refusal,
  required,
  type Token,
  token,
  unavailable,
} from "../../../mod.ts";
import { explain } from "../../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const MINUTE = 60_000;
const HOUR = 3_600;

/** Creates the chain lease ← child ← root, each of which ends with the one before, over a seed that is never the lease's. */
function chained({ requestBound = false } = {}) {
  const server = {
    asked: { root: 0, child: 0, lease: 0 },
    lifetime: { root: 1_800, child: HOUR, lease: HOUR } as Record<string, number | "never">,
    refusal: { root: undefined, child: undefined, lease: undefined } as Record<string, Refusal | undefined>,
  };
  const host = { ...testHost(), requestBound };
  const storeOf = (name: "root" | "child" | "lease") => {
    const give = (of: unknown): Token | Refusal => {
      const number = ++server.asked[name];
      const lifetime = server.lifetime[name]!;
      return server.refusal[name] ?? {
        values: { token: `${name} ${number} of ${of}` },
        ...(lifetime === "never" ? { expires: "never" } : { expiresIn: lifetime }),
      };
    };
    return { give };
  };
  const root = scriptedStore({ shape: token, answer: () => storeOf("root").give("nobody") });
  const bound = (name: "child" | "lease") =>
    scriptedStore<"token", "login">({
      shape: token,
      needs: ["login"],
      binds: ["login"],
      answer: async (_, { need }) => storeOf(name).give((await need("login")).get("token")),
    });
  const fields = { token: required() };
  const resolver = createResolver(
    defineChain({
      stores: {
        root: root.store({ priority: 3, onExpired: "next" }),
        child: bound("child").store({ priority: 2, login: "vault:root", onExpired: "next" }),
        lease: bound("lease").store({ priority: 1, login: "vault:child", onExpired: "next" }),
      },
      credentials: {
        "vault:root": { fields, from: { root: true } },
        "vault:child": { fields, from: { child: true } },
        "pg:app": { fields, from: { lease: true } },
        "pg:job": { fields, from: { lease: true } },
      },
    }),
    host,
  );
  return { server, host, resolver };
}

Deno.test("in a row of logins each ends with the one before it, and so does what never expires itself", async () => {
  for (const lifetime of [HOUR, "never"] as const) {
    const { server, host, resolver } = chained();
    Object.assign(server.lifetime, { child: lifetime, lease: lifetime });
    const now = host.clock.now();
    assertEquals((await resolver.resolve("pg:app")).expiresAt, now + 30 * MINUTE);
    assertEquals((await resolver.resolve("vault:child")).expiresAt, now + 30 * MINUTE);
  }
  const { server, resolver } = chained();
  Object.assign(server.lifetime, { root: "never", child: "never", lease: "never" });
  assertEquals((await resolver.resolve("pg:app")).expiresAt, undefined);
});

Deno.test("another login at the beginning of a row replaces all that stand on it in one call, and each once", async () => {
  const { server, resolver } = chained();
  const changes: string[] = [];
  resolver.onChange("pg:app", (credential) => void changes.push(String(credential.get("token"))));
  await resolver.resolve("pg:app");
  resolver.invalidate("vault:root");
  const [app, job] = await Promise.all([resolver.resolve("pg:app"), resolver.resolve("pg:job")]);
  assertEquals(app.get("token"), "lease 2 of child 2 of root 2 of nobody");
  assertEquals(job.get("token"), app.get("token"));
  assertEquals([server.asked, changes], [{ root: 2, child: 2, lease: 2 }, [app.get("token")]]);
});

Deno.test("a row of logins is replaced once where promises belong to requests, too", async () => {
  const { server, host, resolver } = chained({ requestBound: true });
  const first = Promise.all(["pg:app", "pg:job"].map((key) => resolver.resolve(key as "pg:app")));
  await host.clock.advance(1_000);
  await first;
  resolver.invalidate("vault:root");
  const second = Promise.all(["pg:app", "pg:job"].map((key) => resolver.resolve(key as "pg:app")));
  await host.clock.advance(1_000);
  const tokens = (await second).map((credential) => credential.get("token"));
  assertEquals(tokens, Array(2).fill("lease 2 of child 2 of root 2 of nobody"));
  assertEquals(server.asked, { root: 2, child: 2, lease: 2 });
});

Deno.test("a lease is not served past the end of its row, whatever is refused, and nothing else takes its place", async () => {
  for (const refusal of [unavailable("no connection"), denied("needs a role")]) {
    const { server, host, resolver } = chained();
    await resolver.resolve("pg:app");
    Object.assign(server.refusal, { root: refusal, child: refusal, lease: refusal });
    for (let minute = 0; minute < 40; minute++) {
      await host.clock.advance(MINUTE);
      const now = host.clock.now();
      const late = await resolver.resolve("pg:app", { default: { token: "seed" } }).catch(() => undefined);
      assert(late === undefined || late.source === "lease" && late.expiresAt! > now);
      assert((resolver.peek("pg:app")?.expiresAt ?? Infinity) > now);
    }
    assertNotEquals((await rejection(resolver.resolve("pg:app"))).code, "not_found");
  }
});

Deno.test("a client that is built of a lease is built again when its login is replaced, and only then", async () => {
  const { resolver } = chained();
  let built = 0;
  const client = perCredential(resolver, "pg:app", () => ({ number: ++built }));
  const first = await client();
  assertStrictEquals(await client(), first);
  resolver.invalidate("vault:root");
  assertEquals((await client()).number, 2);
  assertEquals((await client()).number, 2);
});

Deno.test("explaining a lease asks for none and replaces none, and live it asks and keeps nothing", async () => {
  const { server, resolver } = chained();
  const held = await resolver.resolve("pg:app");
  assertEquals((await explain(resolver, "pg:app")).source, "lease");
  assertEquals(server.asked, { root: 1, child: 1, lease: 1 });
  assertEquals((await explain(resolver, "pg:app", { live: true })).source, "lease");
  assertStrictEquals(await resolver.resolve("pg:app"), held);
});

Deno.test("a need that is refused again and again is replaced once in a call, and after growing pauses, all along a row", async () => {
  const { server, host, resolver } = chained();
  Object.assign(server.refusal, { lease: denied("the login was refused", { need: "login" }) });
  for (let call = 0; call < 5; call++) {
    await rejection(resolver.resolve("pg:app"));
    await host.clock.advance(20_000);
  }
  assertEquals(server.asked, { root: 5, child: 5, lease: 9 });
  for (let call = 0; call < 175; call++) {
    await rejection(resolver.resolve("pg:app"));
    await host.clock.advance(20_000);
  }
  const { root, child, lease } = server.asked;
  assertEquals([root, child], [18, 18], "of an hour");
  assert(lease < 3_600 / 15, `asked ${lease} times, and not for every call`);
});
