import { assertEquals } from "@std/assert";
import { stsRefusal } from "../../../src/stores/sts/sts_refusal.ts";

const CALL = { who: '"minio:identity" from "env"', now: 0, began: 0, names: {}, option: "endpoint" };

const ANSWERS: readonly (readonly [what: string, status: number, code: string, isIssued: boolean])[] = [
  ["a refused token", 403, "AccessDenied", true],
  ["a request that is wrong", 400, "ValidationError", true],
  ["a service that is busy", 503, "SlowDown", true],
  ["a clock, which is this machine's own", 403, "RequestTimeTooSkewed", false],
  ["a code that no STS has", 403, "Blocked", false],
  ["a proxy's page", 403, "", false],
];

Deno.test("what an STS refuses by a known code counts for a fleet, and what a proxy refuses or a clock causes does not", () => {
  for (const [what, status, code, isIssued] of ANSWERS) {
    const { issued = false } = stsRefusal(new Response(null, { status }), CALL, code, "");
    assertEquals(issued, isIssued, what);
  }
});
