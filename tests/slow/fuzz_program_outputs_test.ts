/**
 * Whatever a program prints, no message quotes it, and no value is another one than it has, or is used past its expiry.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import {
  createResolver,
  memory,
  optional,
  type ProgramEnd,
  type Programs,
  required,
  type Resolver,
} from "../../mod.ts";
import { isRefusal } from "../../src/core/chain/outcome.ts";
import { credentialProcess, exec, execCredential } from "../../src/stores/exec/mod.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { jsonIn, memberIn } from "../support/fuzz/json_texts.ts";
import { timeOf } from "../support/fuzz/machine_texts.ts";
import { markers } from "../support/fuzz/marker.ts";
import {
  DOCUMENT_FIELDS,
  PROGRAM_KINDS,
  programEnds,
  type ProgramKind,
  STATUS_FIELDS,
  versionOf,
} from "../support/fuzz/program_outputs.ts";

const DAY = 86_400_000;
const ENDED = ["op", "lower", "denied", "invalid", "incomplete"];
const KEYS = { access_key: "AccessKeyId", secret_key: "SecretAccessKey", session_token: "SessionToken" } as const;

const cases = fc.constantFrom(...PROGRAM_KINDS).chain((kind) =>
  markers.chain((marker) =>
    fc.record({ kind: fc.constant(kind), marker: fc.constant(marker), end: programEnds(kind, marker) })
  )
);

function storeOf(kind: ProgramKind) {
  const options = { priority: 2, command: ["PROGRAM", "{}"] } as const;
  if (kind === "document" || kind === "text") return exec(options);
  return kind === "process" ? credentialProcess(options) : execCredential({ ...options, apiVersion: kind });
}

function credentialOf(kind: ProgramKind) {
  const lower = { prefix: "" };
  if (kind === "document") {
    return {
      fields: { user: required(), word: required(), note: optional() },
      from: { op: "app", lower },
    };
  }
  if (kind === "text") {
    return {
      fields: { user: required() },
      from: { op: { document: "app", text: true, fields: { user: "" } }, lower },
    };
  }
  if (kind === "process") {
    return {
      fields: { access_key: required(), secret_key: required(), session_token: optional() },
      from: { op: true, lower },
    };
  }
  const fields = Object.fromEntries(STATUS_FIELDS.map((field) => [field, optional()]));
  return { fields, anyOf: ["token", "clientCertificateData"], from: { op: true, lower } };
}

function resolverOf(kind: ProgramKind, host: FuzzHost): Resolver {
  const fields = [...DOCUMENT_FIELDS, ...STATUS_FIELDS, ...Object.keys(KEYS)];
  const lower = memory({ priority: 1, values: Object.fromEntries(fields.map((field) => [field, "lower"])) });
  return createResolver(
    { stores: { op: storeOf(kind), lower }, credentials: { "a:b": credentialOf(kind) } } as never,
    host,
  ) as Resolver;
}

/** Returns what a program printed, as text, with a byte order mark if it has one; nothing where it is not UTF-8. */
function printed({ output }: ProgramEnd): string | undefined {
  const bytes = Uint8Array.from(output.flatMap((piece) => [...piece]));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns what a field is in an output, as the simplest reader finds it. */
function valueOf(kind: ProgramKind, field: string, text: string): unknown {
  if (kind === "text") return text.replace(/^\uFEFF|\r?\n$/g, "");
  if (kind === "document") return memberIn(jsonIn(text), field);
  if (kind === "process") return memberIn(jsonIn(text), KEYS[field as keyof typeof KEYS]);
  return memberIn(memberIn(jsonIn(text), "status"), field);
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string" && value.trim() === "";
}

function checkHit(kind: ProgramKind, end: ProgramEnd, { credential, degraded }: Attempt, now: number): void {
  const text = printed(end);
  assert(end.status === 0 && text !== undefined && !degraded, "A program that failed gave a secret");
  const { fields, from: _, ...rest } = credentialOf(kind);
  for (const [field, { presence }] of Object.entries(fields)) {
    const value = valueOf(kind, field, text);
    assertEquals(credential!.get(field), isBlank(value) ? undefined : value, `${field} is not what was printed`);
    assert(presence !== "required" || !isBlank(value));
  }
  assert(!("anyOf" in rest) || rest.anyOf.some((field) => credential!.fields.includes(field)));
  if (kind === "document" || kind === "text") return;
  const answer = jsonIn(text);
  const isAws = kind === "process";
  if (isAws) assertEquals(memberIn(answer, "Version"), 1);
  else assertEquals([memberIn(answer, "kind"), memberIn(answer, "apiVersion")], ["ExecCredential", versionOf(kind)]);
  const expiry = isAws ? memberIn(answer, "Expiration") : memberIn(memberIn(answer, "status"), "expirationTimestamp");
  if (expiry === undefined || expiry === null) return assertEquals(credential!.expiresAt, undefined);
  const life = credential!.expiresAt! - now;
  assert(life > 0 && life <= DAY, "It is valid for an impossible time");
  assert(credential!.expiresAt! <= timeOf(expiry), "It is used past its expiry");
}

/** Whether a document says that nothing is in it. */
function hasNothing(kind: ProgramKind, text: string | undefined): boolean {
  const document = kind === "document" ? jsonIn(text) : undefined;
  return document === null || typeof document === "object" && Object.keys(document).length === 0;
}

Deno.test("whatever a program prints, no message quotes it, and a secret is what it printed or none", async () => {
  await fuzz("program outputs", cases, async ({ kind, marker, end }) => {
    // Hint: a stand-in for the operating system, since to start 2,500 programs takes a minute.
    const programs: Programs = { run: () => Promise.resolve(end) };
    const host: FuzzHost = { ...fuzzHost({ env: { PATH: "/bin" } }), programs };
    const now = host.clock.now();
    const outcome = await attempt(resolverOf(kind, host), "a:b", marker, host.events);
    const { ended, degraded } = outcome;
    assert(ENDED.includes(ended), `It ended as ${ended}`);
    if (isRefusal(end)) return assert(ended === end.outcome || ended === "lower" && degraded);
    if (ended === "op") checkHit(kind, end, outcome, now);
    if (ended === "lower") assert(degraded || hasNothing(kind, printed(end)), "The seed won unnoticed");
    const text = printed(end);
    const { fields } = credentialOf(kind);
    const isPlain = text !== undefined &&
      Object.keys(fields).every((field) => valueOf(kind, field, text) === marker.text);
    if (end.status === 0 && isPlain && (kind === "document" || kind === "text")) assertEquals(ended, "op");
  });
});
