import { type ClientAuth, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt } from "oauth4webapi";
import { invalid, type Refusal } from "../outcome.ts";
import { importPrivateKey } from "./private_key.ts";
import type { NeededCredential } from "./store.ts";

/** How a client proves who it is at a token endpoint (RFC 7591, section 2). @category Stores */
export type ClientAuthentication = "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** The field of the client's credential that each way needs besides `client_id`. */
const PROOFS: Readonly<Record<ClientAuthentication, string>> = {
  client_secret_basic: "client_secret",
  client_secret_post: "client_secret",
  private_key_jwt: "private_key",
};

/** Tells a way of authentication from another text, since a variable may give it. */
export function isClientAuthentication(text: string): text is ClientAuthentication {
  return Object.hasOwn(PROOFS, text);
}

/** The ways of authentication. */
export const CLIENT_AUTHENTICATIONS: readonly string[] = Object.keys(PROOFS);

/** Makes what puts a client's proof into a request, or says what the client's credential lacks. */
export async function authenticate(
  method: ClientAuthentication,
  client: NeededCredential,
): Promise<ClientAuth | Refusal> {
  const field = PROOFS[method];
  const from = `"${client.key}" from "${client.source}"`;
  if (!client.fields.includes(field)) return invalid(`${from} has no ${field}: ${method} needs it`);
  const proof = client.get(field);
  if (method === "private_key_jwt") {
    const key = await importPrivateKey(proof);
    if (!key) return invalid(`${field} of ${from} is no private key: expected PKCS #8 PEM or a JWK`);
    // Hint: beside the types of Node, the library's own CryptoKey is another type than the platform's.
    return PrivateKeyJwt(key as Parameters<typeof PrivateKeyJwt>[0]);
  }
  if (typeof proof !== "string") return invalid(`${field} of ${from} is not text`);
  return method === "client_secret_post" ? ClientSecretPost(proof) : ClientSecretBasic(proof);
}
