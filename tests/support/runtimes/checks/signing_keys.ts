import { createResolver, type CredentialError, defineChain, memory, required } from "../../../../mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2/oauth2.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import type { Checks } from "../table.ts";

/** Creates a resolver of a token whose client signs with a key, and a stand-in for the server that counts requests. */
function makeSigner(private_key: string) {
  let requests = 0;
  const host = testHost({
    fetch: () => {
      requests++;
      return Promise.resolve(Response.json({ access_token: "fake", token_type: "Bearer" }));
    },
  });
  const chain = defineChain({
    stores: {
      m2m: oauth2({
        priority: 2,
        client: "m2m:client",
        tokenEndpoint: "https://sso.invalid/token",
        authentication: "private_key_jwt",
      }),
      memory: memory({ priority: 1, values: { client_id: "id", private_key } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), private_key: required() },
        from: { memory: { prefix: "" } },
      },
      "api:token": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
    },
  });
  return { resolver: createResolver(chain, host), requests: () => requests };
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: Uint8Array.of(1, 0, 1) };

async function createKey(algorithm: RsaHashedKeyGenParams | EcKeyGenParams): Promise<JsonWebKey> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return await crypto.subtle.exportKey("jwk", privateKey);
}

async function expectRefused(jwk: JsonWebKey): Promise<void> {
  const { resolver, requests } = makeSigner(JSON.stringify(jwk));
  const { code, message } = await expectFailure(() => resolver.resolve("api:token")) as CredentialError;
  expectEqual([code, requests()], ["invalid", 0]);
  expect(
    /private_key of "m2m:client" from "memory" (is not a private key|cannot sign): expected /.test(message),
    message,
  );
}

/** Keys that sign a client's assertion. */
export const signingKeyChecks: Checks = {
  "a key of RSA or of P-256 signs an assertion": async () => {
    for (const algorithm of [{ ...RSA, modulusLength: 2_048 }, { name: "ECDSA", namedCurve: "P-256" }]) {
      const { resolver, requests } = makeSigner(JSON.stringify(await createKey(algorithm)));
      expectEqual([(await resolver.resolve("api:token")).get("token"), requests()], ["fake", 1]);
    }
  },

  "a key that is too short, or does not fit its public key, is invalid before anything is sent": async () => {
    const [rsa, otherRsa] = [
      await createKey({ ...RSA, modulusLength: 2_048 }),
      await createKey({ ...RSA, modulusLength: 2_048 }),
    ];
    await expectRefused({ ...rsa, n: otherRsa.n! });
    const ec = { name: "ECDSA", namedCurve: "P-256" };
    await expectRefused({ ...await createKey(ec), d: (await createKey(ec)).d! });
    // Hint: not every runtime creates or imports a key as short as that.
    const short = await createKey({ ...RSA, modulusLength: 1_024 }).catch(() => undefined);
    if (short) await expectRefused(short);
  },
};
