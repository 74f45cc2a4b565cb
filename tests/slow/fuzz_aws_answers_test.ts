/**
 * Whatever AWS answers, nothing crashes, no message quotes it, and no value is another one than what it has.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, memory, optional, required, type Resolver } from "../../mod.ts";
import { parameterDocument, parameterStore, secretsManager } from "../../src/stores/aws/mod.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { AWS_FIELDS, AWS_KINDS, awsAnswers, type AwsKind, MISSING, PREFIX } from "../support/fuzz/aws_texts.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { answering, type HttpAnswer } from "../support/fuzz/http_answers.ts";
import { jsonIn, memberIn } from "../support/fuzz/json_texts.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";

const MAX_BODY_BYTES = 1_000_000;
const ENDED = ["sm", "ssm", "ps", "lower", "denied", "invalid", "incomplete"];

function awsResolver({ text }: Marker, host: FuzzHost): Resolver {
  const aws = { region: "eu-west-1", credentials: "aws:keys" };
  const login = { user: required(), word: required(), note: optional() };
  const whole = (store: string, document: string) => ({
    fields: { user: required() },
    from: { [store]: { document, text: true, fields: { user: "" } }, lower: { prefix: "" } },
  });
  return createResolver(
    {
      stores: {
        sm: secretsManager({ priority: 5, ...aws, binary: "base64" }),
        ssm: parameterDocument({ priority: 4, ...aws }),
        ps: parameterStore({ priority: 3, ...aws }),
        keys: memory({ priority: 2, values: { access_key: "AKIAFAKE", secret_key: text } }),
        lower: memory({ priority: 1, values: { user: "lower", word: "lower", note: "lower" } }),
      },
      credentials: {
        "aws:keys": { fields: { access_key: required(), secret_key: required() }, from: { keys: { prefix: "" } } },
        "sm:app": { fields: login, from: { sm: "prod/app", lower: { prefix: "" } } },
        "sm:text": whole("sm", "prod/app"),
        "sm:binary": whole("sm", "prod/app"),
        "ssm:app": { fields: login, from: { ssm: "/prod/app", lower: { prefix: "" } } },
        "ssm:text": whole("ssm", "/prod/app"),
        "ps:app": { fields: login, from: { ps: { prefix: PREFIX }, lower: { prefix: "" } } },
      },
    } as never,
    host,
  ) as Resolver;
}

const cases = fc.tuple(markers, fc.constantFrom(...AWS_KINDS)).chain(([marker, kind]) =>
  fc.record({ marker: fc.constant(marker), kind: fc.constant(kind), answer: awsAnswers(kind, marker) })
);

/** Returns the texts that an answer may have for a field, as the simplest reader finds them. */
function textsFor(kind: AwsKind, field: string, body: string): readonly unknown[] {
  const answer = jsonIn(body);
  if (kind === "ps:app") return parametersIn(answer, field).map((each) => memberIn(each, "Value"));
  const secret = memberIn(answer, "SecretString");
  const text = kind.startsWith("ssm:")
    ? memberIn(memberIn(answer, "Parameter"), "Value")
    : typeof secret === "string" || kind === "sm:app"
    ? secret
    : memberIn(answer, "SecretBinary");
  return [kind.endsWith(":app") ? memberIn(jsonIn(text), field) : text];
}

function parametersIn(answer: unknown, field: string): readonly unknown[] {
  const all = memberIn(answer, "Parameters");
  const isAsked = (each: unknown) => {
    const selector = memberIn(each, "Selector") ?? "";
    const names = ["Name", "ARN"].map((name) => memberIn(each, name)).filter((name) => typeof name === "string");
    return typeof selector === "string" && names.some((name) => name + selector === PREFIX + field);
  };
  return Array.isArray(all) ? all.filter(isAsked) : [];
}

/** Whether an answer says that what was asked for is not there, or that nothing is in it. */
function hasNothing(kind: AwsKind, { headers, body }: HttpAnswer): boolean {
  const said = `${body} ${headers["x-amzn-errortype"]}`;
  if (MISSING.some((code) => said.includes(code))) return true;
  if (kind.endsWith(":text") || kind === "sm:binary") return textsFor(kind, "user", body as string).some(isBlank);
  if (kind === "ps:app") return AWS_FIELDS.every((field) => isMissing(jsonIn(body), field));
  const text = kind === "sm:app"
    ? memberIn(jsonIn(body), "SecretString")
    : memberIn(memberIn(jsonIn(body), "Parameter"), "Value");
  const document = typeof text === "string" ? jsonIn(text) : undefined;
  return document === null || typeof document === "object" && Object.keys(document).length === 0;
}

function isMissing(answer: unknown, field: string): boolean {
  const missing = memberIn(answer, "InvalidParameters");
  const found = parametersIn(answer, field);
  return found.length > 0
    ? found.some((each) => isBlank(memberIn(each, "Value")))
    : Array.isArray(missing) && missing.includes(PREFIX + field);
}

function isBlank(value: unknown): boolean {
  return typeof value === "string" && value.trim() === "";
}

function checkHit(kind: AwsKind, { status, connection, body }: HttpAnswer, { credential, degraded }: Attempt): void {
  assert(status === 200 && connection === "kept" && !degraded, "A refusal gave a secret");
  const fields = AWS_FIELDS.filter((field) => credential!.fields.includes(field));
  assert(fields.includes("user") && (kind === "sm:text" || fields.includes("word") || !kind.endsWith(":app")));
  for (const field of fields) {
    const texts = textsFor(kind, field, body as string);
    assert(texts.includes(credential!.get(field)), `${field} is not what the answer has for it`);
  }
}

Deno.test("whatever AWS answers, no message quotes it, and a secret is the answer's or none", async () => {
  await fuzz("AWS answers", cases, async ({ marker, kind, answer }) => {
    const host = fuzzHost({ fetch: answering([answer], marker) });
    const outcome = await attempt(awsResolver(marker, host), kind, marker, host.events);
    const { ended, degraded } = outcome;
    assert(ENDED.includes(ended), `It ended as ${ended}`);
    if (ended === kind.split(":")[0]) checkHit(kind, answer, outcome);
    if (ended === "lower") assert(degraded || hasNothing(kind, answer), "The seed won unnoticed over what is there");
    const { status, connection, body } = answer;
    if (status !== 200 || connection !== "kept" || body.length > MAX_BODY_BYTES) return;
    const needed = kind.endsWith(":app") ? AWS_FIELDS : ["user"];
    const isPlain = needed.every((field) =>
      textsFor(kind, field, body as string).every((each) => each === marker.text)
    );
    const isWhole = needed.every((field) => textsFor(kind, field, body as string).length === 1);
    if (isPlain && isWhole) assertEquals(ended, kind.split(":")[0], "A whole secret was not taken");
  });
});
