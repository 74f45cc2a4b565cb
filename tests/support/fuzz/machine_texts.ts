import fc from "npm:fast-check@^4.10.2";
import { DEEP, objectText, ODD } from "./json_texts.ts";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

/** Times in the place of an expiry, those at the edges among them; the host's clock is at the beginning of 2026. */
export const EXPIRIES: readonly string[] = [
  ...Array<string>(12).fill("2026-01-01T01:00:00Z"),
  "2026-01-01T01:00:00.123456789Z",
  "2026-01-01t01:00:00z",
  "2026-01-01T01:00:00+00:00",
  "2026-01-01T01:00:00-14:00",
  "2026-01-01T01:00:00+99:99",
  "2026-01-01T01:00:00",
  "2026-01-01 01:00:00 UTC",
  "2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00.001Z",
  "2025-12-31T23:59:59Z",
  "2026-02-31T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-12-31T23:59:60Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "+275760-09-13T00:00:00Z",
  "Thu, 01 Jan 2026 01:00:00 GMT",
  "1767229200",
  "soon",
  "",
];

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(\.\d+)? ?(?:Z|UTC|GMT|([+-]\d\d):?(\d\d))?$/i;

/** Returns the time that an expiry says, by the calendar; `NaN` for what says none. */
export function timeOf(text: unknown): number {
  const parts = DATE_TIME.exec(String(text));
  if (!parts) return NaN;
  const [year, month, day, hour, minute, second, fraction, hours, minutes] = parts.slice(1).map((each) =>
    Number(each ?? 0)
  ) as [number, number, number, number, number, number, number, number, number];
  const days = new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > days) return NaN;
  const offset = hours * 60 + Math.sign(hours || 1) * minutes;
  return Date.UTC(year, month - 1, day, hour, minute - offset, second) + fraction * 1_000;
}

/** The JSON of a member: mostly this one, and sometimes something odd. */
export function mostly(good: fc.Arbitrary<string>, { text }: Marker): fc.Arbitrary<string> {
  const odd = fc.oneof(fc.constant(JSON.stringify(text)), fc.constantFrom(...ODD));
  return fc.oneof({ weight: 12, arbitrary: good }, odd);
}

/** The JSON of an expiry. */
export function expiries(marker: Marker): fc.Arbitrary<string> {
  return mostly(fc.constantFrom(...EXPIRIES).map((each) => JSON.stringify(each)), marker);
}

/** Texts with these members: whole, in part, mutated, and something else. */
export function memberTexts(
  members: Readonly<Record<string, fc.Arbitrary<string>>>,
  needed: readonly string[],
  { text }: Marker,
): fc.Arbitrary<string> {
  const all = { ...members, PROTO: fc.constantFrom(...ODD), [text]: fc.constantFrom(...ODD) };
  const near = fc.oneof(
    { weight: 6, arbitrary: fc.record(all, { requiredKeys: [...needed] }) },
    fc.record(all, { requiredKeys: [] }),
  ).map(objectText);
  const others = [
    "",
    "null",
    "[]",
    "7",
    text,
    `<html>${text}</html>`,
    "[".repeat(DEEP) + "]".repeat(DEEP),
    '{"a":'.repeat(DEEP),
    `${text}${" ".repeat(70_000)}`,
  ];
  return fc.oneof(
    { weight: 80, arbitrary: near },
    { weight: 40, arbitrary: mutated(near) },
    { weight: 8, arbitrary: fc.constantFrom(...others) },
  );
}

/** Texts of the keys that an agent of a container, or the metadata of an instance, answers. */
export function machineKeyTexts(marker: Marker): fc.Arbitrary<string> {
  const key = fc.constant(JSON.stringify(marker.text));
  const codes = fc.constantFrom('"Success"', '"Success"', '"Failed"', '"AssumeRoleUnauthorizedAccess"');
  return memberTexts(
    {
      AccessKeyId: mostly(key, marker),
      SecretAccessKey: mostly(key, marker),
      Token: mostly(key, marker),
      Expiration: expiries(marker),
      Code: mostly(codes, marker),
      Message: mostly(key, marker),
      RoleArn: mostly(key, marker),
    },
    ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"],
    marker,
  );
}

/** Texts of the token of a session with the metadata service, and of the names of an instance's roles. */
export function sessionTexts({ text }: Marker): fc.Arbitrary<string> {
  const odd = ["", " ", `${text}\n`, `${text}\r\nx: y`, `é${text}`, `<html>${text}</html>`, text.repeat(5_000)];
  return mutated(fc.oneof({ weight: 12, arbitrary: fc.constant(text) }, fc.constantFrom(...odd)));
}

export function roleTexts({ text }: Marker): fc.Arbitrary<string> {
  const odd = ["", "\n", `${text}\r\nother`, `${text} \n\n`, "..", ".", "../../user-data", "%2e%2e", "a/b", "a?b#c"];
  return mutated(fc.oneof({ weight: 6, arbitrary: fc.constant(text) }, fc.constantFrom(...odd)));
}
