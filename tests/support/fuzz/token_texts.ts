import fc from "npm:fast-check@^4.10.2";
import { DEEP, objectText, ODD, textOf } from "./json_texts.ts";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

const LIFETIMES = [
  "3600",
  '"3600"',
  '"1e3"',
  '" 3600"',
  "0",
  "-0",
  "-1",
  "1e999",
  "1e-9",
  "0.5",
  "1e308",
  "9007199254740993",
  "null",
  "true",
  "[3600]",
  '{"valueOf":1}',
  '""',
  `"${"9".repeat(400)}"`,
  '"٣"',
  '"2026-01-01"',
  '"-0"',
];

const CODES = [
  "invalid_client",
  "invalid_grant",
  "invalid_scope",
  "temporarily_unavailable",
  "server_error",
  "access_denied",
  "invalid_resource",
  "",
  "toString",
];

/** Texts of the answers of a token endpoint: good ones, errors, mutated ones and something else. */
export function tokenTexts({ text }: Marker): fc.Arbitrary<string> {
  const secret = JSON.stringify(text);
  const odd = fc.oneof(fc.constant(secret), fc.constantFrom(...ODD));
  const mostly = (good: string) => fc.oneof({ weight: 8, arbitrary: fc.constant(good) }, odd);
  const members = fc.record({
    access_token: mostly(secret),
    token_type: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('"Bearer"', '"bearer"', '"DPoP"') }, odd),
    expires_in: fc.oneof({ weight: 4, arbitrary: fc.constant("3600") }, fc.constantFrom(...LIFETIMES), odd),
    scope: odd,
    refresh_token: odd,
    id_token: odd,
    PROTO: odd,
    [text]: odd,
    error: fc.oneof(fc.constantFrom(...CODES).map((code) => JSON.stringify(code)), odd),
    error_description: odd,
    error_uri: odd,
  }, { requiredKeys: [] });
  const good = fc.constant(textOf([["access_token", secret], ["token_type", '"Bearer"'], ["expires_in", "3600"]]));
  const lifetimes = fc.constantFrom(...LIFETIMES)
    .map((expires) => textOf([["access_token", secret], ["token_type", '"Bearer"'], ["expires_in", expires]]));
  const near = fc.oneof(good, lifetimes, members.map(objectText));
  return fc.oneof(
    { weight: 80, arbitrary: near },
    { weight: 40, arbitrary: mutated(near) },
    { weight: 4, arbitrary: fc.constantFrom("", "null", "[]", text, `<html>${text}</html>`, `access_token=${text}`) },
    { weight: 2, arbitrary: fc.constantFrom("[".repeat(DEEP) + "]".repeat(DEEP), `${text}${" ".repeat(66_000)}`) },
  );
}

/** Texts of the metadata of an issuer. */
export function metadataTexts(issuer: string, { text }: Marker): fc.Arbitrary<string> {
  const endpoints = fc.constantFrom(
    `"${issuer}/token"`,
    `"${issuer}/token?${text}"`,
    `"http://plain.example/${text}"`,
    `"https://${text}:${text}@issuer.example/"`,
    `"ftp://${text}"`,
    `"//${text}"`,
    `"/token"`,
    `"https://"`,
    `"javascript:${text}"`,
    JSON.stringify(text),
    ...ODD,
  );
  const issuers = fc.oneof(
    { weight: 8, arbitrary: fc.constant(`"${issuer}"`) },
    fc.constantFrom(`"${issuer}/"`, `"${text}"`, ...ODD),
  );
  const near = fc.record({ issuer: issuers, token_endpoint: endpoints, jwks_uri: endpoints, [text]: endpoints }, {
    requiredKeys: [],
  })
    .map(objectText);
  const whole = fc.tuple(issuers, endpoints).map((all) => textOf([["issuer", all[0]], ["token_endpoint", all[1]]]));
  return fc.oneof(
    { weight: 20, arbitrary: whole },
    { weight: 10, arbitrary: fc.oneof(near, mutated(whole)) },
    { weight: 2, arbitrary: fc.constantFrom("", "null", "[]", text, `<html>${text}</html>`) },
  );
}
