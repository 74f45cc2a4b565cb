import type { Credential } from "../core/chain/credential.ts";

/**
 * What a span says about the credential that its request used: `credential.key`, `credential.source`,
 * `credential.degraded` and `credential.generation`. None is a value of the credential.
 *
 * @example Rename them for your own span
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { type CredentialAttributes, credentialAttributes } from "@alphaswarm/credentials/otel";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { DB_USER: "reader" } });
 * const credential = await resolver.resolve("db:user");
 * const said: CredentialAttributes = credentialAttributes(credential);
 * console.log({ "db.login.source": said["credential.source"] }); // { "db.login.source": "env" }
 * ```
 * @category Telemetry
 */
export type CredentialAttributes = {
  /** Its key in the chain. */
  "credential.key": string;
  /** The store that gave it, or `"default"`. */
  "credential.source": string;
  /** Whether a store that should have answered could not. */
  "credential.degraded": boolean;
  /** Which of the key's values it has, counted from 1 in each process; `describe` shows the held one's. */
  "credential.generation": number;
};

/**
 * Returns what a span says about the credential that its request used, so that a 401 or 403 explains itself.
 *
 * @param credential The credential.
 * @returns The attributes.
 *
 * @example What a span says
 * ```ts
 * import { createResolver, defineChain, memory, required } from "@alphaswarm/credentials";
 * import { credentialAttributes } from "@alphaswarm/credentials/otel";
 *
 * const resolver = createResolver(defineChain({
 *   stores: { memory: memory({ priority: 100, values: { TOKEN: "fake" } }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { memory: { fields: { token: "TOKEN" } } },
 *     },
 *   },
 * }));
 * const attributes = credentialAttributes(await resolver.resolve("polaris:rest"));
 * console.log(attributes["credential.source"], attributes["credential.generation"]);
 * // "memory", 1
 * ```
 * @category Telemetry
 */
export function credentialAttributes(
  credential: Pick<Credential, "key" | "source" | "degraded" | "generation">,
): CredentialAttributes {
  const { key, source, degraded, generation } = credential;
  return {
    "credential.key": key,
    "credential.source": source,
    "credential.degraded": degraded,
    "credential.generation": generation,
  };
}
