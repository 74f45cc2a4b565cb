import { type ClientAuth, ClientSecretPost, modifyAssertion, PrivateKeyJwt } from "oauth4webapi";
import { clockSkew } from "../../core/chain/clock_skew.ts";
import type { Clock } from "../../core/chain/host.ts";
import { whoOf } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { thumbprints } from "./certificate.ts";
import { isOtherPem } from "./pem.ts";
import { importPrivateKey, isIntact, type SigningKey } from "./private_key.ts";

/**
 * How a client authenticates at a token endpoint (RFC 7591, section 2): with its secret or its key, with an assertion that
 * another issuer signed (`client_assertion`: RFC 7523, section 2.2), or not at all.
 *
 * @example A key in place of a secret
 * ```ts
 * import { defineChain, file, required } from "@alphaswarm/credentials";
 * import { type ClientAuthentication, oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const authentication: ClientAuthentication = "private_key_jwt";
 * const issuer = "https://sso.example/realms/data";
 * const chain = defineChain({
 *   stores: {
 *     m2m: oauth2({ priority: 200, issuer, client: "m2m:client", authentication }),
 *     file: file({ priority: 100, directory: "state" }),
 *   },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), private_key: required() },
 *       from: { file: "client.json" },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export type ClientAuthentication =
  | "client_secret_basic"
  | "client_secret_post"
  | "private_key_jwt"
  | "client_assertion"
  | "none";

/** The field of the client's credential that each method needs besides `client_id`. */
const SECRET_FIELDS: Readonly<Record<ClientAuthentication, string | undefined>> = {
  client_secret_basic: "client_secret",
  client_secret_post: "client_secret",
  private_key_jwt: "private_key",
  client_assertion: undefined,
  none: undefined,
};

/** The size of the smallest RSA key that may sign (RFC 7518, section 3.3). */
const MIN_RSA_BITS = 2_048;

/** Whether a text is a method of authentication; a variable may have given it. */
export function isClientAuthentication(text: string): text is ClientAuthentication {
  return Object.hasOwn(SECRET_FIELDS, text);
}

/** The methods of authentication. */
export const CLIENT_AUTHENTICATIONS: readonly string[] = Object.keys(SECRET_FIELDS);

/** Returns how a client authenticates unless its store says how: with its key if it has no secret. */
export function methodOf({ fields = [] }: Partial<NeededCredential> = {}): ClientAuthentication {
  const hasOnlyKey = fields.includes("private_key") && !fields.includes("client_secret");
  return hasOnlyKey ? "private_key_jwt" : "client_secret_basic";
}

/** What a client authenticates with. */
export interface Proof {
  readonly method: ClientAuthentication;
  /** Its credential; a request without it names no client. */
  readonly client: NeededCredential | undefined;
  /** The assertion of another issuer. */
  readonly assertion: string | undefined;
}

/**
 * Returns the function that authenticates a client in a request, or a refusal if the client's credential lacks
 * something.
 */
export async function authenticate({ method, client, assertion }: Proof, clock: Clock): Promise<ClientAuth | Refusal> {
  const field = SECRET_FIELDS[method];
  const from = client && whoOf(client);
  // Hint: a chain may declare `client_id` optional, and no other client must be named instead.
  if (client && typeof client.get("client_id") !== "string") return invalid(`client_id of ${from} is not text`);
  if (!client || field === undefined) return named(client, assertion);
  if (!client.fields.includes(field)) return invalid(`${from} has no ${field}: ${method} needs it`);
  const secret = client.get(field);
  if (method === "private_key_jwt") {
    const key = await signingKey(client);
    return isRefusal(key) ? key : privateKeyJwt(key, clock);
  }
  if (typeof secret !== "string") return invalid(`${field} of ${from} is not text`);
  return method === "client_secret_post" ? ClientSecretPost(secret) : clientSecretBasic(secret);
}

/** Names a client, with its assertion if it has one (RFC 7521, section 4.2). */
function named(client: NeededCredential | undefined, assertion: string | undefined): ClientAuth {
  return (_server, _client, body) => {
    if (client) body.set("client_id", String(client.get("client_id")));
    if (assertion === undefined) return;
    body.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    body.set("client_assertion", assertion);
  };
}

/** Returns the key of a client; the credential's other fields take precedence over the members of a JWK. */
async function signingKey(client: NeededCredential): Promise<SigningKey | Refusal> {
  const of = (field: string) => `${field} of ${whoOf(client)}`;
  const optional = (field: string) => client.fields.includes(field) ? client.get(field) : undefined;
  const secret = client.get("private_key");
  const key = await importPrivateKey(secret);
  if (!key) {
    const hint = isOtherPem(secret) ? " (openssl pkcs8 -topk8 -nocrypt converts it)" : "";
    return invalid(`${of("private_key")} is not a private key: expected PKCS #8 PEM or a JWK${hint}`);
  }
  const bits = (key.key.algorithm as Partial<RsaHashedKeyAlgorithm>).modulusLength ?? Infinity;
  // Hint: with less, the library throws an error of its own.
  if (bits < MIN_RSA_BITS || !await isIntact(key)) {
    return invalid(
      `${of("private_key")} cannot sign: expected an intact key, of ${MIN_RSA_BITS} bits or more if it is RSA`,
    );
  }
  const kid = optional("key_id");
  if (kid !== undefined && typeof kid !== "string") return invalid(`${of("key_id")} is not text`);
  const certificate = optional("certificate");
  if (certificate === undefined) return kid === undefined ? key : { ...key, header: { ...key.header, kid } };
  const prints = await thumbprints(certificate);
  if (!prints) return invalid(`${of("certificate")} is not a certificate: expected PEM`);
  return { ...key, header: { ...key.header, ...kid !== undefined && { kid }, ...prints } };
}

function privateKeyJwt({ key, header }: SigningKey, clock: Clock): ClientAuth {
  // Hint: if Node's types are loaded, the library's `CryptoKey` is a different type from the platform's.
  return PrivateKeyJwt(key as Parameters<typeof PrivateKeyJwt>[0], {
    [modifyAssertion]: (given, claims) => {
      Object.assign(given, header);
      const seconds = Math.floor(clock.now() / 1_000);
      Object.assign(claims, { iat: seconds, nbf: seconds, exp: seconds + 60 });
    },
  });
}

/** How a request was authenticated. */
export interface Authenticated {
  readonly authentication: ClientAuthentication;
  readonly client: NeededCredential | undefined;
  readonly now: number;
}

/** Returns why a client may be refused apart from its secret, as the end of a detail. */
export function hintAfter(
  { outcome, need }: Refusal,
  { status, headers }: Response,
  { authentication, client, now }: Authenticated,
): string {
  if (outcome !== "denied") return "";
  if (authentication === "private_key_jwt") {
    // Hint: an assertion's validity is stated by this machine's clock.
    const skew = clockSkew(headers, now);
    return skew ? `: ${skew}` : "";
  }
  // Hint: servers do not say which part of an assertion they did not expect.
  if (need === "clientAssertion") return ": the server may expect another issuer, subject or audience";
  if (!client || authentication !== "client_secret_basic" || status !== 401) return "";
  // Hint: some servers do not decode what HTTP Basic encodes.
  const names = ["client_id", "client_secret"];
  const isEncoded = names.map((name) => String(client.get(name))).some((text) => formEncoded(text) !== text);
  return isEncoded ? ': some servers need authentication: "client_secret_post"' : "";
}

// Hint: the library's own also encodes `-_.`, so a server that does not decode an id would refuse it.
/** Authenticates with HTTP Basic (RFC 6749, section 2.3.1). */
function clientSecretBasic(secret: string): ClientAuth {
  return (_server, { client_id }, _body, headers) =>
    headers.set("authorization", `Basic ${btoa(`${formEncoded(client_id)}:${formEncoded(secret)}`)}`);
}

/** Encodes a text as `application/x-www-form-urlencoded`, which leaves `*-._` as they are. */
function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}
