import { assertEquals } from "@std/assert";
import type { Refusal } from "../../../mod.ts";
import { readTokenAnswer } from "../../../src/stores/oauth2/token_answer.ts";

const REQUEST = { who: '"m2m:client" from "env"', now: 0, tokenTypes: [], option: "tokenEndpoint" };

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
    const { issued = false } = await readTokenAnswer(new Response(text, { status }), REQUEST) as Refusal;
    assertEquals(issued, isIssued, what);
  }
});
