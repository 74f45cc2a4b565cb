/**
 * A store of temporary S3 credentials from a security token service (STS).
 *
 * @example
 * ```ts
 * import { defineChain, fromEnv, memory, required } from "@alphaswarm/credentials";
 * import { sts } from "@alphaswarm/credentials/sts";
 *
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({ priority: 250, endpoint: fromEnv("STS_URL"), webIdentity: "minio:identity" }),
 *     memory: memory({ priority: 100, values: { token: "not-a-token" } }),
 *   },
 *   credentials: {
 *     "minio:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
 *     "minio:sts": {
 *       fields: { access_key: required(), secret_key: required(), session_token: required() },
 *       from: { sts: true },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
import { boundedFetch } from "../bounded_fetch.ts";
import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import type { Token } from "../shapes/shape.ts";
import { token } from "../shapes/token.ts";
import { endpointOf, hostsOf } from "./endpoint.ts";
import { type Context, defineStore, type StoreFactory } from "./store.ts";
import { readStsAnswer } from "./sts_answer.ts";

/** The longest answer of an STS, in bytes after decoding. */
const LONGEST = 64 * 1024;

/** What a temporary credential is asked for. @category Stores */
export interface StsRequest {
  /** The role's ARN. AWS and Ceph need one; MinIO has it in the token's claims. */
  readonly role?: string;
  /** The name of the session in the server's logs, 2 to 64 characters; `alphaswarm-credentials` unless this says otherwise. */
  readonly sessionName?: string;
  /** A policy as JSON, which narrows what the credential may do. */
  readonly policy?: string;
  /** How long the credential shall be good, in milliseconds; the server's own choice unless this says otherwise. */
  readonly duration?: number;
}

/** The options of `sts`, besides `webIdentity`; what a mapping asks for counts before what is said here. @category Stores */
export interface StsOptions extends StsRequest {
  /** The URL of the STS, which MinIO and Ceph have at the address of their S3. */
  readonly endpoint: string;
  /** Allows plain http to hosts other than loopback. Whoever is on the way reads the token and the credential. */
  readonly allowInsecureHttp?: true;
}

/**
 * A store of temporary S3 credentials: `AssumeRoleWithWebIdentity` at MinIO, Ceph or AWS. The web identity token is a
 * credential of the same chain, with `token`. The answer's members are `access_key`, `secret_key` and `session_token`.
 *
 * @example
 * ```ts
 * import { defineChain, fromEnv, memory, required } from "@alphaswarm/credentials";
 * import { sts } from "@alphaswarm/credentials/sts";
 *
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({ priority: 250, endpoint: fromEnv("STS_URL"), webIdentity: "minio:identity" }),
 *     memory: memory({ priority: 100, values: { token: "not-a-token" } }),
 *   },
 *   credentials: {
 *     "minio:identity": { fields: { token: required() }, from: { memory: { prefix: "" } } },
 *     "minio:sts": {
 *       fields: { access_key: required(), secret_key: required(), session_token: required() },
 *       from: { sts: true },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const sts: StoreFactory<"token", StsOptions, "webIdentity", StsRequest> = /* @__PURE__ */ defineStore({
  kind: "sts",
  shape: token,
  needs: ["webIdentity"],
  requires: { webIdentity: ["token"] },
  permissions: (_, { endpoint }: StsOptions) => ({ net: hostsOf(endpoint) }),
  open: (options: StsOptions, around) => {
    const { allowInsecureHttp } = options;
    const declared = around.declared.endpoint;
    const url = endpointOf(options.endpoint, { name: "endpoint", declared, allowInsecureHttp });
    if (isRefusal(url)) return url;
    const fetch = boundedFetch(around.fetch, LONGEST);
    return async (request: StsRequest, { need, signal }: Context<"webIdentity">): Promise<Token | Refusal> => {
      const identity = await need("webIdentity");
      const all = { ...options, ...request };
      const body = parameters(all);
      if (isRefusal(body)) return body;
      body.set("WebIdentityToken", String(identity.get("token")));
      const headers = { accept: "text/xml, application/xml" };
      const response = await fetch(url.href, { method: "POST", body, headers, redirect: "manual", signal });
      // Hint: AWS and Ceph refuse whoever names no role, and don't say that this is why.
      const who = `"${identity.key}" from "${identity.source}"${all.role === undefined ? ", without a role," : ""}`;
      return await readStsAnswer(response, { now: around.clock.now(), who });
    };
  },
});

function parameters({ role, sessionName, policy, duration }: StsRequest): URLSearchParams | Refusal {
  const all = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleSessionName: sessionName ?? "alphaswarm-credentials",
  });
  if (role !== undefined) all.set("RoleArn", role);
  if (policy !== undefined) all.set("Policy", policy);
  if (duration === undefined) return all;
  const seconds = duration / 1_000;
  if (!Number.isInteger(seconds) || seconds < 1) return invalid("duration is not whole seconds, in milliseconds");
  all.set("DurationSeconds", String(seconds));
  return all;
}
