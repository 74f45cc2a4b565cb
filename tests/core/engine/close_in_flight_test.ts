import { assertEquals } from "@std/assert";
import {
  type CloseContext,
  createResolver,
  defineChain,
  defineStore,
  required,
  token,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { until } from "../../support/fixtures/until.ts";

const fields = { token: required() };

/** Defines a kind of token store that records when it is opened and closed. */
function recorded(
  events: string[],
  kind: string,
  { look = () => undefined as unknown, close = () => undefined as unknown, shape = token as never } = {},
) {
  return defineStore<"token", object, "login?">({
    kind,
    shape,
    needs: ["login?"],
    open: () => {
      events.push(`${kind} opened`);
      return {
        look: look as never,
        close: async (context: CloseContext) => {
          events.push(`${kind} closes`);
          await (close as (context: CloseContext) => unknown)(context);
          events.push(`${kind} closed`);
        },
      };
    },
  });
}

Deno.test("a store that nobody had asked is not opened by a walk that goes on after the resolver was disposed of", async () => {
  const events: string[] = [];
  const answered = Promise.withResolvers<undefined>();
  const first = scriptedStore({ shape: variables, answer: () => answered.promise });
  const lease = recorded(events, "lease", { look: () => ({ values: { token: "leased" }, expiresIn: 60 }) });
  const resolver = createResolver(
    defineChain({
      stores: { first: first.store({ priority: 2 }), lease: lease({ priority: 1 }) },
      credentials: { "pg:app": { fields, from: { first: { prefix: "" }, lease: true } } },
    }),
    testHost(),
  );
  const late = resolver.resolve("pg:app", { default: { token: "seed" } });
  await resolver[Symbol.asyncDispose]();
  answered.resolve(undefined);
  const { message } = await rejection(late);
  assertEquals([events, message.includes("the resolver is disposed")], [[], true]);
  assertEquals((await rejection(resolver.resolve("pg:app"))).code, "closed");
});

Deno.test("a store whose dependent never ends closing is closed all the same once the time is up", async () => {
  const events: string[] = [];
  const host = testHost();
  const lease = recorded(events, "lease", {
    look: (async (_: unknown, { need }: { need(name: string): Promise<unknown> }) => {
      await need("login");
      return { values: { token: "leased" }, expiresIn: 3_600 };
    }) as never,
    close: () => new Promise(() => {}),
  });
  const login = recorded(events, "login", { look: () => ({ values: { token: "login" }, expiresIn: 3_600 }) });
  const resolver = createResolver(
    defineChain({
      stores: { login: login({ priority: 2 }), lease: lease({ priority: 1, login: "vault:token" }) },
      credentials: {
        "vault:token": { fields, from: { login: true } },
        "pg:app": { fields, from: { lease: true } },
      },
    }),
    host,
  );
  await resolver.resolve("pg:app");
  const disposed = resolver[Symbol.asyncDispose]().then(() => events.push("disposed"));
  await host.clock.advance(5_000);
  await disposed;
  await host.clock.advance(0);
  assertEquals(events.filter((event) => !event.endsWith("opened")).toSorted(), [
    "disposed",
    "lease closes",
    "login closed",
    "login closes",
  ]);
});

Deno.test("a store of several dependents is closed once, after the last of them", async () => {
  const events: string[] = [];
  const host = testHost();
  const ends = { left: Promise.withResolvers<void>(), right: Promise.withResolvers<void>() };
  const needing = async (_: unknown, { need }: { need(name: string): Promise<unknown> }) => {
    await need("login");
    return { values: { token: "leased" }, expiresIn: 3_600 };
  };
  const kind = (name: "left" | "right") =>
    recorded(events, name, { look: needing as never, close: () => ends[name].promise });
  const login = recorded(events, "login", { look: () => ({ values: { token: "login" }, expiresIn: 3_600 }) });
  const resolver = createResolver(
    defineChain({
      stores: {
        login: login({ priority: 3 }),
        left: kind("left")({ priority: 2, login: "vault:token" }),
        right: kind("right")({ priority: 1, login: "vault:token" }),
      },
      credentials: {
        "vault:token": { fields, from: { login: true } },
        "pg:left": { fields, from: { left: true } },
        "pg:right": { fields, from: { right: true } },
      },
    }),
    host,
  );
  await Promise.all([resolver.resolve("pg:left"), resolver.resolve("pg:right")]);
  const disposed = resolver[Symbol.asyncDispose]();
  ends.left.resolve();
  await until("the first to be closed", () => Promise.resolve(events.includes("left closed") || undefined));
  await host.clock.advance(0);
  assertEquals(events.filter((event) => event.startsWith("login c")), []);
  ends.right.resolve();
  await disposed;
  assertEquals(events.filter((event) => event.startsWith("login c")), ["login closes", "login closed"]);
  assertEquals(events.slice(-2), ["login closes", "login closed"]);
});

Deno.test("a resolver that nobody asked is disposed of without opening a store, and leaves no timer", async () => {
  const events: string[] = [];
  const host = testHost();
  const own = recorded(events, "own");
  const resolver = createResolver({
    stores: { own: own({ priority: 1 }) },
    credentials: { "pg:app": { fields, from: { own: true } } },
  }, host);
  await resolver[Symbol.asyncDispose]();
  assertEquals([events, host.clock.timers], [[], 0]);
});
