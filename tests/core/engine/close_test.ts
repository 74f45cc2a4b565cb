import { assertEquals } from "@std/assert";
import { type CloseContext, createResolver, defineChain, defineStore, memory, required, token } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";

/** Creates the chain lease ← login ← role, whose stores record what becomes of them. */
function leasing(closing: Readonly<Record<string, (context: CloseContext<"login">) => unknown>> = {}) {
  const events: string[] = [];
  const kindOf = (kind: string) =>
    defineStore<"token", object, "login">({
      kind,
      shape: token,
      needs: ["login"],
      open: () => {
        events.push(`${kind} opened`);
        return {
          look: async (_, { need }) => {
            const login = await need("login");
            return { values: { token: `${kind} of ${login.get("token")}` }, expiresIn: 3_600 };
          },
          close: async (context) => {
            events.push(`${kind} closes`);
            await closing[kind]?.(context);
            events.push(`${kind} closed`);
          },
        };
      },
    });
  const host = testHost();
  const fields = { token: required() };
  const chain = defineChain({
    stores: {
      static: memory({ priority: 4, values: { token: "role" } }),
      login: kindOf("login")({ priority: 3, login: "vault:role" }),
      lease: kindOf("lease")({ priority: 2, login: "vault:token" }),
      other: kindOf("other")({ priority: 1, login: "vault:role" }),
    },
    credentials: {
      "vault:role": { fields, from: { static: { prefix: "" } } },
      "vault:token": { fields, from: { login: true } },
      "pg:app": { fields, from: { lease: true } },
      "pg:other": { fields, from: { other: true } },
    },
  });
  return { chain, events, host, kindOf, resolver: createResolver(chain, host) };
}

Deno.test("a store is closed after those that need what it gives", async () => {
  const { events, resolver } = leasing({ lease: () => new Promise((resolve) => queueMicrotask(() => resolve(0))) });
  await resolver.resolve("pg:app");
  await resolver[Symbol.asyncDispose]();
  assertEquals(events, [
    "lease opened",
    "login opened",
    "lease closes",
    "lease closed",
    "login closes",
    "login closed",
  ]);
});

Deno.test("a store that closes gets its needs as they are held, and nothing is asked for", async () => {
  const given: unknown[] = [];
  const { events, resolver } = leasing({
    lease: ({ need }) => given.push(need("login")?.get("token")),
    login: ({ need }) => given.push(need("login")?.get("token")),
    other: ({ need }) => given.push(need("login")?.get("token")),
  });
  await resolver.resolve("pg:app");
  await resolver[Symbol.asyncDispose]();
  assertEquals(given, ["login of role", "role"]);
  assertEquals(events.includes("other opened"), false);
});

Deno.test("a need that was never met is not there when a store closes", async () => {
  const given: unknown[] = [];
  const { host, kindOf } = leasing({ lease: ({ need }) => given.push(need("login")) });
  const resolver = createResolver(
    defineChain({
      stores: {
        lease: kindOf("lease")({ priority: 2, login: "vault:token" }),
        static: memory({ priority: 1, values: {} }),
      },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { static: { prefix: "" } } },
        "pg:app": { fields: { token: required() }, from: { lease: true } },
      },
    }),
    host,
  );
  await resolver.find("pg:app").catch(() => {});
  await resolver[Symbol.asyncDispose]();
  assertEquals(given, [undefined]);
});

Deno.test("closing ends after five seconds, and its signal then says so", async () => {
  let signal: AbortSignal | undefined;
  const { events, host, resolver } = leasing({
    lease: (context) => {
      signal = context.signal;
      return new Promise(() => {});
    },
  });
  await resolver.resolve("pg:app");
  const disposed = resolver[Symbol.asyncDispose]().then(() => events.push("disposed"));
  await host.clock.advance(4_999);
  assertEquals([events.at(-1), signal?.aborted], ["lease closes", false]);
  await host.clock.advance(1);
  await disposed;
  assertEquals([events.at(-1), signal?.aborted], ["disposed", true]);
});

Deno.test("what a store throws as it closes keeps no other from closing", async () => {
  for (
    const fault of [() => {
      throw new Error("fault");
    }, () => Promise.reject(new Error("fault"))]
  ) {
    const { events, resolver } = leasing({ lease: fault });
    await resolver.resolve("pg:app");
    await resolver[Symbol.asyncDispose]();
    assertEquals(events.slice(-2), ["login closes", "login closed"]);
  }
});

Deno.test("a resolver that is disposed of twice closes its stores once, and both calls wait for that", async () => {
  const { events, resolver } = leasing();
  await resolver.resolve("pg:app");
  await Promise.all([resolver[Symbol.asyncDispose](), resolver[Symbol.asyncDispose]()]);
  assertEquals(events.filter((event) => event === "login closed").length, 1);
});

Deno.test("a store that was installed is closed when it is removed, and the others go on", async () => {
  const { events, kindOf, resolver } = leasing();
  const installed = resolver.install("extra", kindOf("extra")({ priority: 9, login: "vault:role" }), {
    "pg:other": true,
  });
  assertEquals((await resolver.resolve("pg:other")).source, "extra");
  installed[Symbol.dispose]();
  await resolver.resolve("pg:other");
  assertEquals(events.toSorted(), ["extra closed", "extra closes", "extra opened", "other opened"]);
  await resolver[Symbol.asyncDispose]();
  assertEquals(events.filter((event) => event === "extra closes").length, 1);
});

Deno.test("a store that is removed and does not end is let go of after five seconds", async () => {
  let signal: AbortSignal | undefined;
  const { host, kindOf, resolver } = leasing({
    extra: (context) => {
      signal = context.signal;
      return new Promise(() => {});
    },
  });
  const installed = resolver.install("extra", kindOf("extra")({ priority: 9, login: "vault:role" }), {
    "pg:other": true,
  });
  await resolver.resolve("pg:other");
  installed[Symbol.dispose]();
  await host.clock.advance(4_999);
  assertEquals(signal?.aborted, false);
  await host.clock.advance(1);
  assertEquals(signal?.aborted, true);
});
