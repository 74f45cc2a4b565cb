import { assertEquals } from "@std/assert";
import type { NeededCredential, Refusal } from "../../../mod.ts";
import { partsOf } from "../../../src/core/chain/store_kind.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import type { Grant } from "../../../src/stores/oauth2/grants.ts";
import type { Needed } from "../../../src/stores/oauth2/sent.ts";
import { type AnsweredRequest, readTokenAnswer } from "../../../src/stores/oauth2/token_answer.ts";
import { testClock } from "../../../src/testing/mod.ts";

/** A credential that a request is sent with. */
function credentialOf(key: string): NeededCredential {
  return { key, source: "env", fields: ["token"], expiresAt: undefined, get: () => "not-a-token" };
}

function requestOf(grant: Grant, ...names: readonly (keyof Needed)[]): AnsweredRequest {
  const needed = Object.fromEntries(names.map((name) => [name, credentialOf(name)])) as unknown as Needed;
  return {
    sent: { grant, needed, hasAudience: false },
    now: 0,
    tokenTypes: [],
    assumesBearer: true,
    option: "tokenEndpoint",
  };
}

const ANSWERS: readonly (readonly [what: string, status: number, body: unknown, isIssued: boolean])[] = [
  ["a refused client", 401, { error: "invalid_client" }, true],
  ["a refused scope", 400, { error: "invalid_scope" }, true],
  ["a refused request", 400, { error: "invalid_request" }, true],
  ["an issuer that cannot answer now", 503, { error: "temporarily_unavailable" }, true],
  ["an error of another kind of service", 403, { error: "blocked" }, false],
  ["a proxy's page", 403, "<html>", false],
  ["a status alone", 401, {}, false],
];

Deno.test("what an issuer refuses by a known code counts for a fleet, and what a proxy refuses does not", async () => {
  for (const [what, status, body, isIssued] of ANSWERS) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { issued = false } = await readTokenAnswer(
      new Response(text, { status }),
      requestOf("client_credentials", "client"),
    ) as Refusal;
    assertEquals(issued, isIssued, what);
  }
});

Deno.test("what may be about a token that this machine presents says nothing of another machine, and what names it or the request does", async () => {
  const requests = [
    requestOf("client_credentials", "clientAssertion"),
    requestOf("token_exchange", "client", "subjectToken"),
    requestOf("jwt_bearer", "assertion", "client"),
  ];
  for (const request of requests) {
    for (const [error, isIssued] of [["invalid_client", true], ["access_denied", false], ["invalid_scope", true]]) {
      const { issued = false } = await readTokenAnswer(Response.json({ error }, { status: 400 }), request) as Refusal;
      assertEquals(issued, isIssued, `${request.sent.grant}, ${error}`);
    }
  }
});

Deno.test("a refused assertion counts for one machine where that machine's clock is off, and else for a fleet", async () => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const fields: Readonly<Record<string, string>> = {
    client_id: "id",
    private_key: JSON.stringify(await crypto.subtle.exportKey("jwk", privateKey)),
  };
  const client = { key: "m2m:client", source: "env", fields: Object.keys(fields), get: (name: string) => fields[name] };
  const options = { tokenEndpoint: "https://own.example/token", client: "m2m:client" };
  const clock = testClock();
  for (const [ahead, isIssued] of [[0, true], [3_600_000, false]] as const) {
    const date = new Date(clock.now() - ahead).toUTCString();
    const look = partsOf(oauth2({ priority: 1, ...options }))!.spec.open(options, {
      ...{ clock, declared: options, random: Math.random, requestBound: false, variable: () => undefined },
      ...{ files: undefined, asyncFiles: undefined },
      fetch: () => Promise.resolve(Response.json({ error: "invalid_client" }, { status: 401, headers: { date } })),
    }) as unknown as (request: object, context: object) => Promise<Refusal>;
    const { issued = false } = await look({}, {
      need: (name: string) => name === "client" ? client : undefined,
      signal: new AbortController().signal,
    });
    assertEquals(issued, isIssued);
  }
});
