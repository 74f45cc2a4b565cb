import { assertEquals } from "@std/assert";
import { createResolver, defineStore, httpRefusal, type HttpRefusalOptions, variables } from "../../../mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const NOW = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();

function refusalOf(status: number, headers: Record<string, string> = {}, options?: HttpRefusalOptions) {
  const { outcome, detail, retryAfter } = httpRefusal(new Response(null, { status, headers }), options);
  return [outcome, detail, retryAfter];
}

Deno.test("httpRefusal() tells what a credential's owner must fix from what passes by itself, for every status", () => {
  for (const status of [401, 403]) {
    assertEquals(refusalOf(status), ["denied", `the request was refused (HTTP ${status})`, undefined]);
  }
  for (const status of [408, 425, 429, 500, 502, 503, 504, 599]) {
    assertEquals(refusalOf(status), ["unavailable", `the server answered HTTP ${status}`, undefined]);
  }
  for (const status of [204, 400, 402, 404, 409, 410, 418, 422, 451, 499]) {
    assertEquals(refusalOf(status), ["invalid", `the server answered HTTP ${status}`, undefined]);
  }
  const redirect = "the server answered with a redirect, which is not followed: use its final URL";
  for (const status of [300, 301, 302, 303, 304, 307, 308]) assertEquals(refusalOf(status)[1], redirect);
  const { outcome, detail } = httpRefusal(Response.error());
  assertEquals([outcome, detail], ["invalid", redirect]);
});

Deno.test("httpRefusal() names who was refused and a code of the store's own list, and nothing of the answer", () => {
  const options = { who: '"vault:role" from "file"', code: "invalid_grant" };
  assertEquals(refusalOf(403, {}, options)[1], '"vault:role" from "file" was refused (HTTP 403, invalid_grant)');
  assertEquals(refusalOf(503, {}, options)[1], "the server answered HTTP 503, invalid_grant");
  assertEquals(refusalOf(400, {}, { code: undefined })[1], "the server answered HTTP 400");
});

Deno.test("httpRefusal() reads Retry-After as seconds or as a date by the server's own clock, so that no client asks too early", () => {
  for (const status of [408, 425, 429, 503]) assertEquals(refusalOf(status, { "retry-after": "7" })[2], 7_000);
  const date = at(0);
  assertEquals(refusalOf(503, { "retry-after": at(90), date })[2], 90_000);
  assertEquals(refusalOf(503, { "retry-after": at(90), date }, { now: NOW + 30_000 })[2], 60_000);
  const left = refusalOf(503, { "retry-after": new Date(Date.now() + 90_000).toUTCString() })[2] as number;
  assertEquals(left > 80_000 && left <= 90_000, true, `${left} ms`);
  for (const text of ["0", at(-90), "soon", "", "-5", "1.5", "2099"]) {
    assertEquals(refusalOf(503, { "retry-after": text, date })[2], text === "2099" ? 2_099_000 : undefined, text);
  }
  assertEquals(refusalOf(403, { "retry-after": "7" })[2], undefined);
});

Deno.test("a store that returns httpRefusal() stops the walk or lets it go on, as the answer means it", async () => {
  let status = 403;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(null, { status }),
  );
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (_: object, { fetch }) => async () => httpRefusal(await fetch(`http://127.0.0.1:${server.addr.port}/`)),
  });
  const { chain } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } });
  const refused = async () => (await rejection(createResolver(chain).resolve("db:basic"))).message;
  assertEquals(await refused(), 'Cannot resolve "db:basic": "own" is denied: the request was refused (HTTP 403)');
  status = 503;
  assertEquals(await refused(), 'Cannot resolve "db:basic": "own" is unavailable: the server answered HTTP 503');
});
