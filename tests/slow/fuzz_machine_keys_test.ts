/**
 * Whatever the agent of a container or the metadata of an instance answers, no message quotes it, and no key is another
 * one than it has, or is used past its expiry.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, memory, optional, required, type Resolver } from "../../mod.ts";
import { awsRuntime } from "../../src/stores/aws/mod.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { answering, answers, type HttpAnswer } from "../support/fuzz/http_answers.ts";
import { jsonIn, memberIn } from "../support/fuzz/json_texts.ts";
import { machineKeyTexts, roleTexts, sessionTexts, timeOf } from "../support/fuzz/machine_texts.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";

const DAY = 86_400_000;
const ENDED = ["aws", "lower", "denied", "invalid", "incomplete"];
const MEMBERS = { access_key: "AccessKeyId", secret_key: "SecretAccessKey", session_token: "Token" } as const;
const ROLES = "/latest/meta-data/iam/security-credentials/";
const AGENT = "http://169.254.170.2/v2/keys";

interface Case {
  readonly marker: Marker;
  readonly isInstance: boolean;
  readonly answers: readonly HttpAnswer[];
}

const cases: fc.Arbitrary<Case> = fc.tuple(markers, fc.boolean()).chain(([marker, isInstance]) => {
  const keys = answers(machineKeyTexts(marker), marker);
  const session = good(answers(sessionTexts(marker), marker));
  const roles = good(answers(roleTexts(marker), marker));
  return fc.record({
    marker: fc.constant(marker),
    isInstance: fc.constant(isInstance),
    answers: isInstance ? fc.tuple(session, roles, keys) : fc.tuple(keys),
  });
});

// Hint: each of them must be good for the next to be asked for.
function good(all: fc.Arbitrary<HttpAnswer>): fc.Arbitrary<HttpAnswer> {
  const kept = all.map((answer): HttpAnswer => ({ ...answer, status: 200, connection: "kept" }));
  return fc.oneof({ weight: 6, arbitrary: kept }, all);
}

function keysResolver(host: FuzzHost, isInstance: boolean): Resolver {
  const fields = { access_key: required(), secret_key: required(), session_token: optional() };
  const lower = { access_key: "lower", secret_key: "lower", session_token: "lower" };
  return createResolver(
    {
      stores: {
        aws: awsRuntime({ priority: 2, ...isInstance && { imds: true } }),
        lower: memory({ priority: 1, values: lower }),
      },
      credentials: { "aws:keys": { fields, from: { aws: true, lower: { prefix: "" } } } },
    } as never,
    host,
  ) as Resolver;
}

// Hint: a session that is refused is followed by another one, so that only the last answer must be good.
function checkHit(all: readonly HttpAnswer[], { credential, degraded }: Attempt, now: number): void {
  const { status, connection, body } = all.at(-1)!;
  assert(!degraded && status === 200 && connection === "kept", "A refusal gave keys");
  const answer = jsonIn(body);
  assert(credential!.fields.includes("access_key") && credential!.fields.includes("secret_key"));
  for (const [field, member] of Object.entries(MEMBERS)) {
    const given = memberIn(answer, member);
    const isAbsent = given === undefined || given === null || typeof given === "string" && given.trim() === "";
    assertEquals(credential!.get(field), isAbsent ? undefined : given, `${field} is not that of the answer`);
  }
  const end = memberIn(answer, "Expiration");
  if (end === undefined || end === null) return assertEquals(credential!.expiresAt, undefined);
  const life = credential!.expiresAt! - now;
  assert(life > 0 && life <= DAY, "The keys are valid for an impossible time");
  assert(credential!.expiresAt! <= timeOf(end), "The keys are used past their expiry");
}

Deno.test("whatever gives a machine its keys, no message quotes it, and they are used until their expiry alone", async () => {
  await fuzz("machine keys", cases, async ({ marker, isInstance, answers }) => {
    const asked: string[] = [];
    let isAway = false;
    const next = answering(answers, marker);
    const recording: typeof fetch = (input, init) => {
      asked.push(String(input));
      return isAway ? Promise.reject(new TypeError("away")) : next(input, init);
    };
    const env = isInstance ? {} : {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/keys",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: marker.text,
    };
    const host = fuzzHost({ fetch: recording, env });
    const resolver = keysResolver(host, isInstance);
    const now = host.clock.now();
    const outcome = await attempt(resolver, "aws:keys", marker, host.events);
    assert(ENDED.includes(outcome.ended), `It ended as ${outcome.ended}`);
    if (outcome.ended === "aws") checkHit(answers, outcome, now);
    if (outcome.ended === "lower") assert(outcome.degraded, "The seed won unnoticed over the keys of a machine");
    isAway = true;
    host.clock.advance(DAY);
    const later = await attempt(resolver, "aws:keys", marker, host.events);
    if (outcome.credential?.expiresAt !== undefined) assert(later.ended !== "aws", "Keys are used past their expiry");
    for (const url of asked) checkAddress(url, isInstance);
  });
});

/** Keys are asked for where they are, and nowhere else. */
function checkAddress(url: string, isInstance: boolean): void {
  if (!isInstance) return assertEquals(url, AGENT);
  const { origin, pathname, search } = new URL(url);
  assertEquals([origin, search], ["http://169.254.169.254", ""]);
  assert(pathname === "/latest/api/token" || /^[^/]*$/.test(pathname.replace(ROLES, "")), `It asked for ${pathname}`);
}
