/**
 * A store of temporary S3 credentials from a security token service (STS).
 *
 * Use it where a web identity token, such as one from `oauth2` or a pod's, can be exchanged for keys of AWS, MinIO or
 * Ceph.
 *
 * More: [Stores](https://github.com/alphaswarm/credentials/blob/main/src/stores/README.md).
 *
 * @example Keys for MinIO
 * ```ts
 * import { defineChain, fromEnv, memory, required } from "@alphaswarm/credentials";
 * import { sts } from "@alphaswarm/credentials/sts";
 *
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({
 *       priority: 250,
 *       endpoint: fromEnv("STS_URL"),
 *       webIdentity: "minio:identity",
 *     }),
 *     memory: memory({ priority: 100, values: { token: "not-a-token" } }),
 *   },
 *   credentials: {
 *     "minio:identity": {
 *       fields: { token: required() },
 *       from: { memory: { prefix: "" } },
 *     },
 *     "minio:sts": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: required(),
 *       },
 *       from: { sts: true },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
import { endpoint, hostsOf, optionName } from "../../core/chain/endpoint.ts";
import { unlessTooLarge, whoOf } from "../../core/chain/http_refusal.ts";
import { joined, type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { token } from "../../core/source/token.ts";
import { readStsAnswer } from "./sts_answer.ts";
import type { ParameterNames } from "./sts_mistakes.ts";

/** The size of the largest answer, after decoding. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The parameters of a request for a temporary credential.
 *
 * @example A role for each credential
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { tokenFile } from "@alphaswarm/credentials/identity";
 * import { sts, type StsRequest } from "@alphaswarm/credentials/sts";
 *
 * const writer: StsRequest = {
 *   role: "arn:aws:iam::123456789012:role/writer",
 *   duration: 900_000,
 * };
 * const endpoint = "https://sts.eu-west-1.amazonaws.com";
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({ priority: 200, endpoint, webIdentity: "aws:identity" }),
 *     pod: tokenFile({ priority: 100, path: "/var/run/secrets/tokens/aws" }),
 *   },
 *   credentials: {
 *     "aws:identity": {
 *       fields: { token: required() },
 *       from: { pod: { fields: { token: "token" } } },
 *     },
 *     "s3:writer": {
 *       fields: { access_key: required(), secret_key: required() },
 *       from: { sts: writer },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface StsRequest {
  /** The ARN of the role. AWS and Ceph need one; MinIO, AIStor and SeaweedFS can take the policy from the token's claims. */
  readonly role?: string;
  /** The name of the session in the server's logs, 2 to 64 characters; `alphaswarm-credentials` unless set. */
  readonly sessionName?: string;
  /** A policy as JSON that narrows what the credential may do. */
  readonly policy?: string;
  /** The lifetime of the credential in milliseconds; the server's own choice unless set. */
  readonly duration?: number;
}

/**
 * The options of `sts`, besides `webIdentity`; the parameters of a mapping take precedence over these.
 *
 * @example MinIO, with a policy for all credentials
 * ```ts
 * import { sts, type StsOptions } from "@alphaswarm/credentials/sts";
 *
 * const actions = {
 *   Effect: "Allow",
 *   Action: ["s3:GetObject"],
 *   Resource: ["arn:aws:s3:::tables/*"],
 * };
 * const options: StsOptions = {
 *   endpoint: "https://minio.example:9000",
 *   policy: JSON.stringify({ Version: "2012-10-17", Statement: [actions] }),
 *   duration: 3_600_000, // an hour
 * };
 * // In the from of a credential: { sts: true }
 * const store = sts({ priority: 200, webIdentity: "minio:identity", ...options });
 * ```
 * @category Stores
 */
export interface StsOptions extends StsRequest {
  /** The URL of the STS; for an S3-compatible store such as MinIO, Ceph or SeaweedFS, that of its S3. */
  readonly endpoint: string;
  /** Allows plain http to hosts other than loopback. Anybody on the network path can read the token and the credential. */
  readonly allowInsecureHttp?: true;
}

const REQUEST: OptionTypes<StsRequest> = {
  role: "string|undefined",
  sessionName: "string|undefined",
  policy: "string|undefined",
  duration: "number|undefined",
};

const TYPES: OptionTypes<StsOptions> = { ...REQUEST, endpoint: "string", allowInsecureHttp: "boolean|undefined" };

/**
 * Creates a store of temporary S3 credentials: `AssumeRoleWithWebIdentity` at AWS or an S3-compatible store, such as MinIO
 * and AIStor, Ceph, SeaweedFS and RustFS. The web identity token is a credential of the same chain, with `token`. The
 * answer's members are `access_key`, `secret_key` and `session_token`.
 *
 * A token that is refused is `denied`, and replaced once. A parameter that is not accepted is `invalid`, and the detail
 * names it with the variable that gave it. A server that cannot verify a token now is `unavailable`. Keys are used no
 * longer than they live by the server's clock, which the `Date` of its answer tells; if this machine's clock is so far
 * ahead that new keys have already expired, the detail says so. With `share`, all machines of a fleet have one
 * credential (`./share`).
 *
 * @example Keys for a web identity
 * ```ts
 * import { defineChain, fromEnv, memory, required } from "@alphaswarm/credentials";
 * import { sts } from "@alphaswarm/credentials/sts";
 *
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({
 *       priority: 250,
 *       endpoint: fromEnv("STS_URL"),
 *       webIdentity: "minio:identity",
 *     }),
 *     memory: memory({ priority: 100, values: { token: "not-a-token" } }),
 *   },
 *   credentials: {
 *     "minio:identity": {
 *       fields: { token: required() },
 *       from: { memory: { prefix: "" } },
 *     },
 *     "minio:sts": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: required(),
 *       },
 *       from: { sts: true },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const sts: StoreFactory<"token", StsOptions, "webIdentity", StsRequest, "1"> = /* @__PURE__ */ storeKind({
  kind: "sts",
  shape: token,
  share: "1",
  options: TYPES,
  request: REQUEST,
  needs: ["webIdentity"],
  requires: { webIdentity: ["token"] },
  permissions: (_, options: StsOptions) => ({ net: hostsOf(options.endpoint) }),
  open: (options: StsOptions, surroundings) => {
    const mistake = wrongType(options, TYPES);
    if (mistake) return mistake;
    const { allowInsecureHttp } = options;
    const { clock, declared } = surroundings;
    const url = endpoint(options.endpoint, { name: "endpoint", declared: declared.endpoint, allowInsecureHttp });
    if (isRefusal(url)) return url;
    const option = optionName("endpoint", declared.endpoint);
    const fetch = boundedFetch(surroundings.fetch, MAX_BODY_BYTES);
    return async (request: StsRequest, { need, signal }: Context<"webIdentity">): Promise<Token | Refusal> => {
      const mistake = wrongType(request, REQUEST);
      if (mistake) return mistake;
      const identity = await need("webIdentity");
      const all = joined<StsRequest>(options, request);
      const names = parameterNames(all, request, declared);
      const body = parameters(all, names);
      if (isRefusal(body)) return body;
      const who = whoOf(identity);
      const token = identity.get("token");
      if (typeof token !== "string") return invalid(`token of ${who} is not text`);
      body.set("WebIdentityToken", token);
      const headers = { accept: "text/xml, application/xml" };
      const began = clock.now();
      const response = await fetch(url.href, { method: "POST", body, headers, redirect: "manual", signal })
        .catch((error) => {
          throw unlessTooLarge(error, option);
        });
      return await readStsAnswer(response, { who, names, began, option, now: clock.now() });
    };
  },
});

/** Names the parameters of a request as the chain writes them, with the variable if one gave an option of the store. */
function parameterNames(
  all: StsRequest,
  request: StsRequest,
  declared: Readonly<Record<string, string>>,
): ParameterNames {
  const given = (Object.keys(REQUEST) as (keyof StsRequest)[]).filter((name) => all[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => [name, optionName(name, request[name] === undefined ? declared[name] : undefined)]),
  );
}

function parameters(
  { role, sessionName, policy, duration }: StsRequest,
  names: ParameterNames,
): URLSearchParams | Refusal {
  const all = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleSessionName: sessionName ?? "alphaswarm-credentials",
  });
  if (role !== undefined) all.set("RoleArn", role);
  // Hint: MinIO's message for such a policy could just as well be about a token.
  if (policy !== undefined && !isJson(policy)) return invalid(`${names.policy} is not valid JSON`);
  if (policy !== undefined) all.set("Policy", policy);
  if (duration === undefined) return all;
  const seconds = duration / 1_000;
  if (!Number.isInteger(seconds) || seconds < 1) {
    return invalid(`${names.duration} is not a whole number of seconds: expected a multiple of 1000 milliseconds`);
  }
  all.set("DurationSeconds", String(seconds));
  return all;
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
