import { createResolver, defineChain, defineStore, jwtExpiry, required, variables } from "../../../../mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expectEqual, expectFailure } from "../expect.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";

/** Creates a resolver of a store that requests its value, on a host with this answer. */
function makeRequesting(answer: () => Response) {
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (_: object, { fetch }) => async (name) => {
      const response = await fetch(`https://own.example/${name}`);
      return `${response.status} ${response.headers.get("x-own")} [${await response.text()}]`;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
  });
  return createResolver(chain, testHost({ fetch: () => Promise.resolve(answer()) }));
}

function inParts(...parts: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      controller.close();
    },
  });
}

/** What stores use for their requests. */
export const requestChecks: Checks = {
  "a store gets the whole answer of a request, with its status and headers": async () => {
    const headers = { "x-own": "kept" };
    const whole = makeRequesting(() => new Response(inParts("not-a", "-secret"), { headers }));
    expectEqual((await whole.resolve("db:basic")).get("user"), "200 kept [not-a-secret]");
    const empty = makeRequesting(() => new Response(null, { status: 204, headers }));
    expectEqual((await empty.resolve("db:basic")).get("user"), "204 kept []");
  },

  "an answer that is too large is refused": async () => {
    const resolver = makeRequesting(() => new Response(inParts("a".repeat(1_048_576), "a")));
    expectEqual(
      showError(await expectFailure(() => resolver.resolve("db:basic"))),
      "CredentialError invalid: own invalid",
    );
  },

  "the expiry of a JWT is read": () => {
    const encode = (text: string) =>
      btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_")
        .replaceAll("=", "");
    const jwt = (claims: string) => `${encode('{"alg":"none"}')}.${encode(claims)}.`;
    expectEqual(jwtExpiry(jwt('{"sub":"Zoë ÿ>?","exp":1800000000}')), 1_800_000_000_000);
    for (const token of ["", "opaque", jwt("{}"), jwt('{"exp":1e999}')]) expectEqual(jwtExpiry(token), undefined);
  },
};
