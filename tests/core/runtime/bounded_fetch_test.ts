import { assertEquals } from "@std/assert";
import { createResolver, defineStore, unavailable, variables } from "../../../mod.ts";
import { boundedFetch } from "../../../src/core/runtime/bounded_fetch.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

/** Creates a resolver of a store that requests a URL with the fetch of its surroundings. */
function resolverOf(url: string) {
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: ({ url }: { url: string }, { fetch }) => async (_, { signal }) => {
      const answer = await fetch(url, { signal });
      return answer.ok ? await answer.text() : unavailable(`HTTP ${answer.status}`);
    },
  });
  return createResolver(smallChain({ own: own({ priority: 1, url }) }, { own: { prefix: "" } }).chain);
}

/** Resolves from a real server, and returns the value or the error. */
async function ask(handler: (request: Request) => Response) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    return await resolverOf(`http://127.0.0.1:${server.addr.port}/secret?key=hunter2`).resolve("db:basic")
      .then((credential) => credential.get("user"), (error) => error);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a store's fetch returns a whole response, and refuses one of more than 1 MiB", async () => {
  assertEquals(await ask(() => new Response("found")), "found");
  const large = await ask(() => new Response("x".repeat(1024 * 1024 + 1)));
  assertEquals([large.code, large.trace[0].detail], ["invalid", "the answer is larger than 1024 KiB"]);
});

Deno.test("a store's fetch follows no redirect, which could send a secret elsewhere", async () => {
  let followed = 0;
  const error = await ask((request) => {
    if (new URL(request.url).pathname === "/elsewhere") followed++;
    return new Response(null, { status: 302, headers: { location: "/elsewhere" } });
  });
  assertEquals([error.code, error.trace[0].detail, followed], ["unavailable", "HTTP 302", 0]);
});

Deno.test("a refused or broken connection is an outage, and the error does not show the URL", async () => {
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
  assertEquals([refused.code, refused.trace[0]?.detail, refused.cause], [
    "unavailable",
    "no connection to the server",
    undefined,
  ]);
});

Deno.test("a host's fetch that throws is an outage, and the error does not quote it", async () => {
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (_: object, { fetch }) => async (name) => await (await fetch(`https://own.example/${name}`)).text(),
  });
  const fetch = () => {
    throw new TypeError("not-a-secret in a message");
  };
  const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } }, { fetch });
  const { message } = await rejection(resolver.resolve("db:basic"));
  assertEquals(message, 'Cannot resolve "db:basic": "own" is unavailable: no connection to the server');
});

Deno.test("a forbidden request is told by the names and codes of its errors, never by their messages", async () => {
  const cyclic = Object.assign(new TypeError("not-a-secret"), { cause: {} });
  cyclic.cause = cyclic;
  const named = (name: string) => Object.assign(new Error("not-a-secret"), { name });
  const coded = Object.assign(new Error("not-a-secret"), { code: "ERR_ACCESS_DENIED" });
  const wrapped = (cause: unknown) => new TypeError("fetch failed", { cause });
  const cases: [thrown: unknown, outcome: string, detail: string][] = [
    [named("NotCapable"), "denied", "needs --allow-net=own.example:8443"],
    [wrapped(named("NotCapable")), "denied", "needs --allow-net=own.example:8443"],
    [coded, "denied", "needs --allow-net"],
    [wrapped(coded), "denied", "needs --allow-net"],
    [new Error("NotCapable: ERR_ACCESS_DENIED"), "unavailable", "no connection to the server"],
    [named("AbortError"), "unavailable", "no connection to the server"],
    [wrapped(null), "unavailable", "no connection to the server"],
    [cyclic, "unavailable", "no connection to the server"],
    [undefined, "unavailable", "no connection to the server"],
    ["not-a-secret", "unavailable", "no connection to the server"],
  ];
  const inputs = ["https://own.example:8443/?key=hunter2", new URL("https://own.example:8443/")];
  for (const [thrown, outcome, detail] of cases) {
    for (const input of [...inputs, new Request(inputs[0]!)]) {
      const refused = await boundedFetch(() => Promise.reject(thrown))(input).catch((error) => error);
      assertEquals([refused.outcome, refused.detail], [outcome, detail]);
    }
  }
});
