import { type ClientAuth, ClientSecretPost, PrivateKeyJwt } from "oauth4webapi";
import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { importPrivateKey } from "./private_key.ts";

/** How a client authenticates at a token endpoint (RFC 7591, section 2). @category Stores */
export type ClientAuthentication = "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** The field of the client's credential that each method needs besides `client_id`. */
const SECRET_FIELDS: Readonly<Record<ClientAuthentication, string>> = {
  client_secret_basic: "client_secret",
  client_secret_post: "client_secret",
  private_key_jwt: "private_key",
};

/** Whether a text is a method of authentication; a variable may have given it. */
export function isClientAuthentication(text: string): text is ClientAuthentication {
  return Object.hasOwn(SECRET_FIELDS, text);
}

/** The methods of authentication. */
export const CLIENT_AUTHENTICATIONS: readonly string[] = Object.keys(SECRET_FIELDS);

/** Returns what authenticates a client in a request, or what the client's credential lacks. */
export async function authenticate(
  method: ClientAuthentication,
  client: NeededCredential,
): Promise<ClientAuth | Refusal> {
  const field = SECRET_FIELDS[method];
  const from = `"${client.key}" from "${client.source}"`;
  if (!client.fields.includes(field)) return invalid(`${from} has no ${field}: ${method} needs it`);
  const secret = client.get(field);
  if (method === "private_key_jwt") {
    const key = await importPrivateKey(secret);
    if (!key) return invalid(`${field} of ${from} is not a private key: expected PKCS #8 PEM or a JWK`);
    // Hint: where Node's types are loaded, the library's CryptoKey is another type than the platform's.
    const sign = PrivateKeyJwt(key as Parameters<typeof PrivateKeyJwt>[0]);
    return async (...request) => {
      try {
        await sign(...request);
      } catch {
        // Hint: a runtime imports keys with which it, or the library, then does not sign.
        throw invalid(`${field} of ${from} cannot sign: expected an intact key, of 2048 bits or more if it is RSA`);
      }
    };
  }
  if (typeof secret !== "string") return invalid(`${field} of ${from} is not text`);
  return method === "client_secret_post" ? ClientSecretPost(secret) : clientSecretBasic(secret);
}

/** Returns what to try after a 401, as the end of a detail: some servers do not decode what HTTP Basic encodes. */
export function hintAfterRefusal(method: ClientAuthentication, client: NeededCredential): string {
  if (method !== "client_secret_basic") return "";
  const names = ["client_id", SECRET_FIELDS[method]];
  const isEncoded = names.map((name) => String(client.get(name))).some((text) => formEncoded(text) !== text);
  return isEncoded ? ': some servers need authentication: "client_secret_post"' : "";
}

// Hint: the library's own also encodes `-_.`, and a server that does not decode an id refuses it then.
/** Authenticates with HTTP Basic (RFC 6749, section 2.3.1). */
function clientSecretBasic(secret: string): ClientAuth {
  return (_server, { client_id }, _body, headers) =>
    headers.set("authorization", `Basic ${btoa(`${formEncoded(client_id)}:${formEncoded(secret)}`)}`);
}

/** Encodes a text as `application/x-www-form-urlencoded`, which leaves `*-._` as they are. */
function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}
