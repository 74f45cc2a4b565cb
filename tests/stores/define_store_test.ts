import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  fromEnv,
  invalid,
  memory,
  required,
  unavailable,
  variables,
} from "../../mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const FIELDS = { user: required(), password: required() };

Deno.test("a store is opened once, when it is first asked, with its options read and everything ambient", async () => {
  const opened: unknown[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (options: { url: string; region?: string }, { variable, clock, random, declared }) => {
      opened.push([options.url, options.region, variable("OTHER"), clock.now(), random(), declared]);
      return (name) => name;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1, url: fromEnv("OWN_URL"), region: fromEnv("OWN_REGION", "here") }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
  });
  const host = testHost({ env: { OWN_URL: "https://own.example", OTHER: "other" } });
  const resolver = createResolver(chain, host);
  assertEquals(opened, []);
  await resolver.resolve("db:basic");
  resolver.invalidate("db:basic");
  await resolver.resolve("db:basic");
  const declared = { url: "$OWN_URL", region: "here" };
  assertEquals(opened, [["https://own.example", "here", "other", host.clock.now(), 0, declared]]);
});

Deno.test("a store that can not be opened says so: off, refused or a bug", async () => {
  const cases = [
    [() => undefined, "off", "not possible on this runtime"],
    [() => invalid("Expected a region"), "invalid", "Expected a region"],
    [() => unavailable("not yet"), "invalid", "not yet"],
    [
      () => {
        throw new Error("hunter2");
      },
      "invalid",
      "opening it threw, which is a bug in the store",
    ],
  ] as const;
  for (const [open, state, reason] of cases) {
    const own = defineStore({ kind: "own", shape: variables, open });
    const chain = defineChain({
      stores: { own: own({ priority: 1 }) },
      credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
    });
    const resolver = createResolver(chain, testHost());
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason]);
    if (state === "off") assertEquals(await resolver.find("db:basic"), undefined);
    else assertEquals((await rejection(resolver.resolve("db:basic"))).trace[0]?.detail, reason);
  }
});

Deno.test("one reading of one credential has one context, so that a store can read its place once", async () => {
  const contexts: object[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    recheck: 0,
    open: () => (name, context) => {
      contexts.push(context);
      return name;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, testHost());
  await resolver.resolve("db:basic");
  await resolver.resolve("db:basic");
  assertEquals(contexts.length, 4);
  assertStrictEquals(contexts[0], contexts[1]);
  assertNotStrictEquals(contexts[1], contexts[2]);
});

/** A resolver whose store asks an address through the store's own fetch. */
function resolverOf(url: string) {
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: ({ url }: { url: string }, { fetch }) => async (_, { signal }) => {
      const answer = await fetch(url, { signal });
      return answer.ok ? await answer.text() : unavailable(`HTTP ${answer.status}`);
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1, url }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
  });
  return createResolver(chain);
}

/** What comes of asking a real server. */
async function ask(handler: (request: Request) => Response) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    return await resolverOf(`http://127.0.0.1:${server.addr.port}/secret?key=hunter2`).resolve("db:basic")
      .then((credential) => credential.get("user"), (error) => error);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a store's fetch gives a whole answer, and bounds what it may be", async () => {
  assertEquals(await ask(() => new Response("found")), "found");
  const large = await ask(() => new Response("x".repeat(1024 * 1024 + 1)));
  assertEquals([large.code, large.trace[0].detail], ["invalid", "the answer is larger than 1024 KiB"]);
});

Deno.test("a store's fetch follows no redirect, which could lead a secret astray", async () => {
  let followed = 0;
  const error = await ask((request) => {
    if (new URL(request.url).pathname === "/elsewhere") followed++;
    return new Response(null, { status: 302, headers: { location: "/elsewhere" } });
  });
  assertEquals([error.code, error.trace[0].detail, followed], ["unavailable", "HTTP 302", 0]);
});

Deno.test("a connection that is refused, or breaks in the middle, is an outage and shows no address", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const cutting = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(4_096));
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhunter2"));
    connection.close();
  });
  const broken = await rejection(resolverOf(`http://127.0.0.1:${listener.addr.port}/`).resolve("db:basic"));
  await cutting;
  listener.close();
  assertEquals([broken.code, broken.trace[0]?.detail], [
    "unavailable",
    "the connection ended in the middle of the answer",
  ]);
  const refused = await rejection(resolverOf("http://127.0.0.1:1/?key=hunter2").resolve("db:basic"));
  assertEquals([refused.code, refused.trace[0]?.detail, refused.cause], ["unavailable", "no connection", undefined]);
});

Deno.test("what is in memory is not in what is printed of its store", () => {
  const store = memory({ priority: 1, values: { user: "hunter2" } });
  assertEquals(
    `${Deno.inspect(store)} ${JSON.stringify(store)} ${Deno.inspect({ ...store })}`.includes("hunter2"),
    false,
  );
});

Deno.test("a host's fetch that throws at once is no connection, and what it threw is kept to itself", async () => {
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (_: object, { fetch }) => async (name) => await (await fetch(`https://own.example/${name}`)).text(),
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
  });
  const fetch = () => {
    throw new TypeError("not-a-secret in a message");
  };
  const { message } = await rejection(createResolver(chain, { ...testHost(), fetch }).resolve("db:basic"));
  assertEquals(message, 'Cannot resolve "db:basic": "own" is unavailable: no connection');
});
