import { assertEquals } from "@std/assert";
import {
  answer,
  type Context,
  createResolver,
  defineStore,
  denied,
  memory,
  optional,
  type ReadAll,
  required,
  unavailable,
  variables,
} from "../../../mod.ts";
import { explain } from "../../../src/report/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

/** Creates a resolver over a store that is asked for all names at once, and one below it. */
function readingAll(read: ReadAll) {
  const asked: (readonly string[])[] = [];
  const host = testHost();
  const parameters = defineStore({
    kind: "parameters",
    shape: variables,
    recheck: 1_000,
    open: () => ({
      look: () => unavailable("asked for one name alone"),
      read: (names: readonly string[], context: Context) => {
        asked.push(names);
        return read(names, context);
      },
    }),
  });
  const resolver = createResolver({
    stores: {
      parameters: parameters({ priority: 2 }),
      seed: memory({ priority: 1, values: { user: "seed", password: "not-a-secret" } }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), note: optional() },
        from: {
          parameters: { fields: { user: ["/app/user", "/old/user"], password: "/app/password", note: "/app/note" } },
          seed: { prefix: "" },
        },
      },
    },
  }, host);
  return { asked, host, resolver };
}

Deno.test("a store that can read all names of a credential is asked once for them", async () => {
  const { asked, resolver } = readingAll(() => ({
    "/old/user": "app",
    "/app/password": answer("not-a-secret", { version: 7 }),
  }));
  const credential = await resolver.resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("note"), credential.source], ["app", undefined, "parameters"]);
  assertEquals(asked, [["/app/user", "/old/user", "/app/password", "/app/note"]]);
  assertEquals(resolver.describe().credentials[0]?.last?.trace[0]?.version, 7);
});

Deno.test("what is absent among all names, or inherited by the object that holds them, is a miss", async () => {
  const { resolver } = readingAll(() => Object.create({ "/app/user": "inherited", "/app/password": "inherited" }));
  assertEquals((await resolver.resolve("db:basic")).source, "seed");
});

Deno.test("a refusal of all names, or of one of them, stops the walk", async () => {
  for (const given of [denied("needs ssm:GetParameters"), { "/app/user": denied("needs ssm:GetParameters") }]) {
    const { resolver } = readingAll(() => given as never);
    const { code, trace } = await rejection(resolver.resolve("db:basic"));
    assertEquals([code, trace.map(({ detail }) => detail)], ["denied", ["needs ssm:GetParameters"]]);
  }
});

Deno.test("a store that reads all names and gives no values by name is at fault, and has not missed", async () => {
  for (const given of [undefined, null, "text"]) {
    const { resolver } = readingAll(() => given as never);
    const { code, message } = await rejection(resolver.resolve("db:basic"));
    assertEquals([code, message.includes("fix the store's code")], ["invalid", true]);
  }
});

Deno.test("a store that reads all names and gives no answer in time is not asked again at once, also by explain", async () => {
  const { asked, host, resolver } = readingAll(() => new Promise(() => {}));
  const first = resolver.resolve("db:basic");
  await host.clock.advance(5_000);
  assertEquals([(await first).source, (await first).degraded], ["seed", true]);
  resolver.invalidate("db:basic");
  assertEquals((await resolver.resolve("db:basic")).degraded, true);
  assertEquals((await explain(resolver, "db:basic")).trace[0]?.outcome, "unavailable");
  assertEquals(asked.length, 1);
});

Deno.test("an open store may be an instance of a class", async () => {
  class Parameters {
    readonly #values = { "/app/user": "app", "/app/password": "not-a-secret" };
    look(name: string): string | undefined {
      return (this.#values as Record<string, string>)[name];
    }
    read(): Record<string, string> {
      return this.#values;
    }
  }
  const store = defineStore({ kind: "parameters", shape: variables, open: () => new Parameters() });
  const resolver = createResolver({
    stores: { own: store({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required() },
        from: { own: { fields: { user: "/app/user", password: "/app/password" } } },
      },
    },
  });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "app");
});

Deno.test("a store that opens without a look-up is invalid", async () => {
  const store = defineStore({ kind: "own", shape: variables, open: () => ({ lookup: () => "value" }) as never });
  const resolver = createResolver({
    stores: { own: store({ priority: 1 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
  });
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message.includes("its open() returned no look-up: fix the store's code")], ["invalid", true]);
});

Deno.test("a name that two fields have is asked for once", async () => {
  const asked: (readonly string[])[] = [];
  const parameters = defineStore({
    kind: "parameters",
    shape: variables,
    open: () => ({
      look: () => undefined,
      read: (names: readonly string[]) => {
        asked.push(names);
        return Object.fromEntries(names.map((name) => [name, "value"]));
      },
    }),
  });
  const resolver = createResolver({
    stores: { own: parameters({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), note: optional() },
        from: { own: { fields: { user: ["/app/user", "/app/name"], note: "/app/user" } } },
      },
    },
  });
  assertEquals((await resolver.resolve("db:basic")).get("note"), "value");
  assertEquals(asked, [["/app/user", "/app/name"]]);
});

Deno.test("all names may say together when they expire, and what else was given besides them is ignored", async () => {
  const { host, resolver } = readingAll(() =>
    answer({ "/app/user": "app", "/app/password": "not-a-secret", "/app/else": "value" }, {
      expiresAt: 1_767_225_660_000,
    })
  );
  const { expiresAt, source } = await resolver.resolve("db:basic");
  assertEquals([expiresAt, source], [host.clock.now() + 60_000, "parameters"]);
});

Deno.test("a store that reads all names and gives them as a list or a map is at fault, and has not missed", async () => {
  for (const given of [["app", "not-a-secret"], new Map([["/app/user", "app"]])]) {
    const { resolver } = readingAll(() => given as never);
    assertEquals((await rejection(resolver.resolve("db:basic"))).code, "invalid");
  }
});

Deno.test("a read that throws or rejects says nothing of what it threw", async () => {
  for (
    const fault of [() => Promise.reject(new Error("not-a-secret")), () => {
      throw new Error("not-a-secret");
    }]
  ) {
    const { resolver } = readingAll(fault);
    const { code, message } = await rejection(resolver.resolve("db:basic"));
    assertEquals([code, message.includes("not-a-secret")], ["invalid", false]);
  }
});

Deno.test("what open returns beside a look-up may be at fault, and the store is invalid", async () => {
  const faults = [
    { look: () => "value", close: true },
    { look: () => "value", read: "text" },
    {
      get look(): unknown {
        throw new Error("fault");
      },
    },
  ];
  for (const opened of faults) {
    const own = defineStore({ kind: "own", shape: variables, open: () => opened as never });
    const resolver = createResolver({
      stores: { own: own({ priority: 2 }), seed: memory({ priority: 1, values: { token: "seed" } }) },
      credentials: {
        "db:basic": { fields: { token: required() }, from: { own: { prefix: "" }, seed: { prefix: "" } } },
      },
    });
    const { code, message } = await rejection(resolver.resolve("db:basic"));
    assertEquals([code, message.includes("fix the store's code")], ["invalid", true]);
    await resolver[Symbol.asyncDispose]();
  }
});
