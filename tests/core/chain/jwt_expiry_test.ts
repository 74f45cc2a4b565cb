import { assertEquals } from "@std/assert";
import { generateKeyPair, SignJWT } from "npm:jose@^6";
import { jwtExpiry } from "../../../mod.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const base64url = (bytes: Uint8Array<ArrayBuffer>) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });
const HEADER = base64url(bytesOf('{"alg":"RS256"}'));
const jwt = (claims: string, header = HEADER) => `${header}.${base64url(bytesOf(claims))}.c2ln`;

Deno.test("jwtExpiry() reads the exp of a signed token, so that it is renewed before it expires", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  const signed = await new SignJWT({ name: "Zoë 😀 ÿþ" }).setProtectedHeader({ alg: "ES256" })
    .setExpirationTime(1_800_000_000).sign(privateKey);
  assertEquals(jwtExpiry(signed), 1_800_000_000_000);
});

Deno.test("jwtExpiry() takes any finite number of seconds, in the alphabet and the encoding of a JWT", () => {
  const cases: [claims: string, expiry: number][] = [
    ['{"exp":1800000000}', 1_800_000_000_000],
    ['{"exp":1800000000.5}', 1_800_000_000_500],
    ['{"exp":1800000000.123456}', 1_800_000_000_123],
    ['{"exp":1.8e9}', 1_800_000_000_000],
    ['{"exp":0}', 0],
    ['{"exp":-1}', -1_000],
    ['{"sub":"Zoë ÿÿÿ>>>???","exp":1}', 1_000],
    ['{"sub":"😀","exp":12}', 12_000],
  ];
  for (const [claims, expiry] of cases) assertEquals(jwtExpiry(jwt(claims)), expiry, claims);
  const unsecured = `${base64url(bytesOf('{"alg":"none"}'))}.${base64url(bytesOf('{"exp":1}'))}.`;
  assertEquals(jwtExpiry(unsecured), 1_000);
});

Deno.test("jwtExpiry() gives nothing for what is not a JWT or has no finite exp, and never throws", () => {
  const claims = [
    "{}",
    '{"exp":"1800000000"}',
    '{"exp":null}',
    '{"exp":true}',
    '{"exp":[1]}',
    '{"exp":1e999}',
    '{"exp":1e306}',
    '{"__proto__":{"exp":1}}',
    "[]",
    "null",
    "1",
    '"exp"',
    '{"exp":1',
    "",
  ];
  for (const text of claims) assertEquals(jwtExpiry(jwt(text)), undefined, text);
  const good = jwt('{"exp":1}');
  const [header, payload] = good.split(".");
  const broken = Uint8Array.from([...bytesOf('{"exp":1,"sub":"'), 0xff, ...bytesOf('"}')]);
  const tokens = [
    "",
    ".",
    "..",
    "opaque-token",
    `${header}.${payload}`,
    `${good}.more.parts`,
    `.${payload}.`,
    `${header}..`,
    ` ${good}`,
    `${good}\n`,
    `${header}.${payload}=.c2ln`,
    `${header}.${btoa('{"exp":1,"sub":"ÿÿ>?"}')}.c2ln`,
    `${header}.${base64url(broken)}.c2ln`,
    `${header}.a.c2ln`,
    `opaque.${payload}.c2ln`,
    jwt('{"exp":1}', base64url(bytesOf("[]"))),
    "a".repeat(1_000_000),
    `${header}.${"a".repeat(1_000_001)}.`,
    jwt("[".repeat(100_000)),
  ];
  for (const token of tokens) assertEquals(jwtExpiry(token), undefined, token.slice(0, 80));
  const hostile = { toString: () => good, split: () => good.split(".") };
  for (const value of [undefined, null, 7, Symbol("a"), {}, [good], hostile, new String(good), () => good]) {
    assertEquals(jwtExpiry(value as string), undefined);
  }
});
