/**
 * Whatever is given as a private key or as a token, it is used, or said to be none; nothing of it is shown.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, jwtExpiry, memory, required, type Resolver } from "../../mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { importPrivateKey } from "../../src/stores/oauth2/private_key.ts";
import { attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { markers } from "../support/fuzz/marker.ts";
import { mutated } from "../support/fuzz/mutations.ts";
import { privateKeys } from "../support/fuzz/private_keys.ts";

function signingResolver(private_key: string, answer: typeof fetch): Resolver {
  const tokenEndpoint = "https://issuer.example/token";
  return createResolver(
    {
      stores: {
        m2m: oauth2({ priority: 3, client: "m2m:client", tokenEndpoint, authentication: "private_key_jwt" }),
        client: memory({ priority: 2, values: { client_id: "id", private_key } }),
        lower: memory({ priority: 1, values: { token: "lower" } }),
      },
      credentials: {
        "m2m:client": { fields: { client_id: required(), private_key: required() }, from: { client: { prefix: "" } } },
        "a:token": {
          fields: { token: required() },
          from: { m2m: { fields: { token: "access_token" } }, lower: { prefix: "" } },
        },
      },
    } as never,
    fuzzHost({ fetch: answer }),
  ) as Resolver;
}

const keyCases = markers.chain((marker) => fc.record({ marker: fc.constant(marker), key: privateKeys(marker) }));

Deno.test("whatever a private key is, it signs or is said not to be one, and no message quotes it", async () => {
  await fuzz("private keys", keyCases, async ({ marker, key }) => {
    const imported = await importPrivateKey(key);
    if (imported) assertEquals(imported.key.type, "private");
    let asked = 0;
    const resolver = signingResolver(key, () => {
      asked++;
      return Promise.resolve(Response.json({ access_token: "t", token_type: "Bearer" }));
    });
    const { ended } = await attempt(resolver, "a:token", marker);
    assertEquals(ended, asked > 0 ? "m2m" : "invalid");
    if (!imported) assertEquals(ended, "invalid");
  });
});

const EXPIRIES = [
  "1767229200",
  "1767229200.5",
  "-1",
  "1e999",
  "1e300",
  "0",
  '"1767229200"',
  "null",
  "[1]",
  "{}",
  "1e-9",
  "-0",
];

const tokenCases = markers.chain((marker) => {
  const { text } = marker;
  const encode = (each: string) =>
    new TextEncoder().encode(each).toBase64({ alphabet: "base64url", omitPadding: true });
  const claims = fc.constantFrom(...EXPIRIES).chain((exp) =>
    mutated(
      fc.constantFrom(
        `{"exp":${exp}}`,
        `{"sub":"${text}","exp":${exp}}`,
        `{"exp":1,"exp":${exp}}`,
        `{"__proto__":{"exp":1}}`,
        `[{"exp":1}]`,
      ),
    )
  );
  const header = fc.oneof(
    { weight: 4, arbitrary: fc.constant('{"alg":"RS256"}') },
    mutated(fc.constant('{"alg":"none"}')),
  );
  const token = fc.tuple(header, claims, fc.constantFrom("c2ln", "", text))
    .map(([head, body, signature]) => `${encode(head)}.${encode(body)}.${signature}`);
  const odd = fc.constantFrom(
    text,
    "",
    ".",
    "..",
    `${"a".repeat(300_000)}.b.c`,
    "a.".repeat(100_000),
    `e30.${encode("[".repeat(30_000))}.`,
  );
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(token, mutated(token)) }, odd);
});

Deno.test("whatever a JWT is, its expiry is a time or nothing", async () => {
  await fuzz("JWTs", tokenCases, (token) => {
    const expiry = jwtExpiry(token);
    assert(expiry === undefined || Number.isInteger(expiry), "The expiry is no time");
    if (expiry !== undefined) assertEquals(expiry, Math.floor(claimsOf(token).exp * 1_000));
  });
});

function claimsOf(token: string): { readonly exp: number } {
  const [, claims = ""] = token.split(".");
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(claims, { alphabet: "base64url" })));
}
