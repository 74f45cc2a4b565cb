import fc from "npm:fast-check@^4.10.2";
import { denied, invalid, type ProgramEnd, type Refusal, unavailable } from "../../../mod.ts";
import { jsonTexts } from "./json_texts.ts";
import { expiries, memberTexts, mostly } from "./machine_texts.ts";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

/** What a program prints: a document, a text, the form of AWS, or one of the versions of Kubernetes. */
export const PROGRAM_KINDS = ["document", "text", "process", "v1", "v1beta1"] as const;
export type ProgramKind = (typeof PROGRAM_KINDS)[number];

/** The members of a document, of AWS's form, and of a status of Kubernetes's. */
export const DOCUMENT_FIELDS = ["user", "word", "note"] as const;
export const STATUS_FIELDS = ["token", "clientCertificateData", "clientKeyData"] as const;

/** Returns the version of an `ExecCredential`. */
export function versionOf(kind: ProgramKind): string {
  return `client.authentication.k8s.io/${kind}`;
}

function texts(kind: ProgramKind, marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const secret = fc.constant(JSON.stringify(text));
  if (kind === "document") return jsonTexts(DOCUMENT_FIELDS.map((name) => [name]), marker);
  if (kind === "text") {
    const plain = [
      "",
      "\n",
      " ",
      `${text}\n`,
      `${text}\r\n`,
      `${text}\n\n`,
      `\uFEFF${text}`,
      `${text}\0`,
      `${text}\uFFFD`,
    ];
    return mutated(fc.oneof({ weight: 6, arbitrary: fc.constant(text) }, fc.constantFrom(...plain)));
  }
  if (kind === "process") {
    const members = {
      Version: mostly(fc.constantFrom("1", "1", "1", "1.0", "2", '"1"'), marker),
      AccessKeyId: mostly(secret, marker),
      SecretAccessKey: mostly(secret, marker),
      SessionToken: mostly(secret, marker),
      Expiration: expiries(marker),
      AccountId: mostly(secret, marker),
    };
    return memberTexts(members, ["Version", "AccessKeyId", "SecretAccessKey"], marker);
  }
  const status = {
    token: mostly(secret, marker),
    clientCertificateData: mostly(secret, marker),
    clientKeyData: mostly(secret, marker),
    expirationTimestamp: expiries(marker),
  };
  const version = fc.constantFrom(kind, kind, kind, "v1", "v1alpha1", text).map((each) =>
    JSON.stringify(`client.authentication.k8s.io/${each}`)
  );
  const members = {
    kind: mostly(fc.constant('"ExecCredential"'), marker),
    apiVersion: mostly(version, marker),
    status: mostly(memberTexts(status, ["token"], marker), marker),
    spec: mostly(secret, marker),
  };
  return memberTexts(members, ["kind", "apiVersion", "status"], marker);
}

/** Bytes that no UTF-8 has in it: stray ones, one that is cut off, one that is too long, and those of UTF-16. */
const BROKEN = [[0xff], [0x80], [0xc3], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80], [0xff, 0xfe]];

/** How a program ends that prints these texts: mostly well, in pieces of any length. */
export function programEnds(kind: ProgramKind, marker: Marker): fc.Arbitrary<ProgramEnd | Refusal> {
  const broken = fc.oneof({ weight: 14, arbitrary: fc.constant([]) }, fc.constantFrom(...BROKEN));
  const output = fc.record({
    text: texts(kind, marker),
    broken,
    at: fc.nat({ max: 1_000 }),
    cut: fc.nat({ max: 1_000 }),
  })
    .map(({ text, broken, at, cut }) => {
      const bytes = [...new TextEncoder().encode(text)];
      bytes.splice(Math.floor(bytes.length * at / 1_000), 0, ...broken);
      const end = Math.floor(bytes.length * cut / 1_000);
      return [bytes.slice(0, end), bytes.slice(end)].map((piece) => Uint8Array.from(piece));
    });
  const status = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.constantFrom(1, 127, -1, undefined));
  const refusals = [
    denied("PROGRAM may not be run"),
    invalid("PROGRAM printed more than 1024 KiB"),
    unavailable("PROGRAM was stopped before it ended"),
  ];
  return fc.oneof(
    { weight: 30, arbitrary: fc.record({ status, output }) },
    fc.constantFrom(...refusals),
  );
}
