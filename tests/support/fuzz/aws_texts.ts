import fc from "npm:fast-check@^4.10.2";
import { answers, type HttpAnswer } from "./http_answers.ts";
import { DEEP, jsonTexts, objectText, ODD } from "./json_texts.ts";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

/** What is asked for: a document, a text or a binary secret; a document or a text in a parameter; parameters. */
export const AWS_KINDS = ["sm:app", "sm:text", "sm:binary", "ssm:app", "ssm:text", "ps:app"] as const;
export type AwsKind = (typeof AWS_KINDS)[number];

/** The fields of a document, and of the parameters below `PREFIX`. */
export const AWS_FIELDS = ["user", "word", "note"] as const;
export const PREFIX = "/prod/app/";

/** The codes by which AWS says that something is not there. */
export const MISSING = ["ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound"];

const CODES = [
  ...MISSING,
  "AccessDeniedException",
  "DecryptionFailure",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "UnrecognizedClientException",
  "RequestExpired",
  "ThrottlingException",
  "InternalServiceError",
  "InvalidRequestException",
  "ValidationException",
  "toString",
  "__proto__",
  "",
];

const PHRASES = [
  "",
  "Credential should be scoped to a valid region, not ",
  "Signature expired: ",
  "Signature not yet current: ",
  "Access to KMS is not allowed ",
  "The ciphertext refers to ",
  "You can't perform this operation on the secret because it was marked for deletion. ",
];

const VERSIONS = ["1", "-1", "1e999", "null", '"1"', '"EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"', '""', "{}"];

/** The JSON of a value: mostly this one, and sometimes something odd. */
function mostly(good: fc.Arbitrary<string>, marker: Marker): fc.Arbitrary<string> {
  const odd = fc.oneof(fc.constant(JSON.stringify(marker.text)), fc.constantFrom(...ODD));
  return fc.oneof({ weight: 12, arbitrary: good }, odd);
}

/** The JSON of the text that is kept: a document, or a secret by itself. */
function kept(kind: AwsKind, marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const plain = fc.constantFrom(text, text, ` ${text}\n`, "", " ", `${text}\0`, `\uFFFD${text}`, `{"user":"${text}"}`);
  const texts = kind.endsWith(":app") && kind !== "ps:app"
    ? jsonTexts(AWS_FIELDS.map((name) => [name]), marker)
    : plain;
  return mostly(texts.map((each) => JSON.stringify(each)), marker);
}

function secrets(kind: AwsKind, marker: Marker): fc.Arbitrary<string> {
  const base64 = fc.constant(JSON.stringify(btoa(marker.text)));
  const common = {
    VersionId: mostly(fc.constantFrom(...VERSIONS), marker),
    PROTO: fc.constantFrom(...ODD),
    [marker.text]: fc.constantFrom(...ODD),
  };
  const text = { SecretString: kept(kind, marker) };
  const binary = { SecretBinary: mostly(base64, marker) };
  const likely = kind === "sm:binary" ? { ...binary, ...common } : { ...text, ...common };
  const [own] = Object.keys(likely);
  return fc.oneof(
    { weight: 12, arbitrary: membersOf(likely, [own!]) },
    membersOf({ ...text, ...binary, ...common }, []),
  ).map(objectText);
}

/** Members, of which some are always there. */
function membersOf(
  all: Readonly<Record<string, fc.Arbitrary<string>>>,
  needed: readonly string[],
): fc.Arbitrary<Readonly<Record<string, string | undefined>>> {
  return fc.record(all, { requiredKeys: [...needed] });
}

/** A parameter of this name, or nearly. */
function parameter(name: string, value: fc.Arbitrary<string>, marker: Marker): fc.Arbitrary<string> {
  const arn = JSON.stringify(`arn:aws:ssm:eu-west-1:123456789012:parameter${name}`);
  return fc.record({
    Name: mostly(fc.constant(JSON.stringify(name)), marker),
    Value: value,
    Version: mostly(fc.constantFrom(...VERSIONS), marker),
    ARN: mostly(fc.constant(arn), marker),
    Selector: mostly(fc.constantFrom('""', '":1"', '":live"'), marker),
    PROTO: fc.constantFrom(...ODD),
  }, { requiredKeys: ["Name", "Value"] }).map(objectText);
}

function parameters(marker: Marker): fc.Arbitrary<string> {
  const names = fc.subarray([...AWS_FIELDS]).map((missing) =>
    JSON.stringify(missing.map((each) => `${PREFIX}${each}`))
  );
  const all = fc.tuple(...AWS_FIELDS.map((name) => parameter(`${PREFIX}${name}`, kept("ps:app", marker), marker)));
  const some = fc.tuple(all, fc.constantFrom(0, 0, 0, 1, 2), mostly(fc.constant(""), marker)).map((
    [each, without, odd],
  ) => `[${[...each.slice(without), ...odd ? [odd] : []].join(",")}]`);
  return fc.record({ Parameters: mostly(some, marker), InvalidParameters: mostly(names, marker) }, {
    requiredKeys: ["Parameters"],
  }).map(objectText);
}

function found(kind: AwsKind, marker: Marker): fc.Arbitrary<string> {
  if (kind === "ps:app") return parameters(marker);
  if (kind.startsWith("sm:")) return secrets(kind, marker);
  return mostly(parameter("/prod/app", kept(kind, marker), marker), marker).map((each) => `{"Parameter":${each}}`);
}

function refusals(marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const code = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...CODES) }, fc.constant(text));
  const written = fc.tuple(code, fc.constantFrom("", "com.amazon.coral.service#", `${text}#`)).map((
    [name, namespace],
  ) => JSON.stringify(namespace + name));
  const said = fc.constantFrom(...PHRASES).map((phrase) => JSON.stringify(phrase + text));
  return fc.record({ __type: mostly(written, marker), message: mostly(said, marker), Message: mostly(said, marker) }, {
    requiredKeys: ["__type"],
  }).map(objectText);
}

/** Texts of what AWS, or what stands in its place, answers: found, refused, mutated, and something else. */
function awsTexts(kind: AwsKind, marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const good = found(kind, marker);
  const others = [
    "",
    "null",
    "[]",
    "7",
    text,
    `<html>${text}</html>`,
    `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${text}</Message></Error></ErrorResponse>`,
    "[".repeat(DEEP) + "]".repeat(DEEP),
    `{"a":`.repeat(DEEP),
    `${text}${" ".repeat(1_100_000)}`,
  ];
  return fc.oneof(
    { weight: 100, arbitrary: good },
    { weight: 40, arbitrary: mutated(good) },
    { weight: 30, arbitrary: refusals(marker) },
    { weight: 10, arbitrary: fc.constantFrom(...others) },
  );
}

/** Answers of AWS, some with the code in a header. */
export function awsAnswers(kind: AwsKind, marker: Marker): fc.Arbitrary<HttpAnswer> {
  const header = fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    fc.constantFrom(...CODES, `ExpiredTokenException:http://x/${marker.text}`, marker.text, "="),
  );
  return fc.tuple(answers(awsTexts(kind, marker), marker), header).map(([answer, code]) =>
    code === undefined ? answer : { ...answer, headers: { ...answer.headers, "x-amzn-errortype": code } }
  );
}
