import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import { runtimePrograms } from "../../core/runtime/programs.ts";
import { token } from "../../core/source/token.ts";
import {
  COMMAND_CHECKS,
  COMMAND_TYPES,
  type CommandOptions,
  commandPermissions,
  openCommand,
  readJsonObject,
} from "./command.ts";
import { lifetimeUntil } from "./lifetime.ts";

/**
 * The options of `execCredential`.
 *
 * @example The plugin of another cluster
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { execCredential, type ExecCredentialOptions } from "@alphaswarm/credentials/exec";
 *
 * const options: ExecCredentialOptions = {
 *   command: ["gke-gcloud-auth-plugin"],
 *   apiVersion: "v1beta1",
 * };
 * const chain = defineChain({
 *   stores: { plugin: execCredential({ priority: 100, ...options }) },
 *   credentials: {
 *     "kubernetes:api": { fields: { token: required() }, from: { plugin: true } },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface ExecCredentialOptions extends CommandOptions {
  /** The version of `client.authentication.k8s.io` that the program speaks; `"v1"` unless set. */
  readonly apiVersion?: "v1" | "v1beta1";
}

const TYPES: OptionTypes<ExecCredentialOptions> = /* @__PURE__ */ withVersion(COMMAND_TYPES, "string|undefined");

const CHECKS = /* @__PURE__ */ withVersion(COMMAND_CHECKS, versionProblem);

// Hint: a bundler keeps a spread at module scope, which may run code, in every bundle.
// @__NO_SIDE_EFFECTS__
function withVersion<T extends object, const V>(own: T, apiVersion: V): T & { readonly apiVersion: V } {
  return { ...own, apiVersion };
}

function versionProblem(value: unknown): string | undefined {
  if (value !== "v1" && value !== "v1beta1") return "Expected v1 or v1beta1";
}

/**
 * Creates a store of what a credential plugin of `kubectl` prints, an `ExecCredential`
 * (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/). The answer's members are `token`,
 * `clientCertificateData` and `clientKeyData`, as far as the plugin gives them. Credentials with an
 * `expirationTimestamp` are renewed before it; others are used until they are refused. The plugin is told that it
 * cannot ask a person.
 *
 * @example A token for a cluster of EKS
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { execCredential } from "@alphaswarm/credentials/exec";
 *
 * const chain = defineChain({
 *   stores: {
 *     plugin: execCredential({
 *       priority: 200,
 *       command: ["aws", "eks", "get-token", "--cluster-name", "dev", "--output", "json"],
 *       apiVersion: "v1beta1",
 *     }),
 *   },
 *   credentials: {
 *     "kubernetes:api": { fields: { token: required() }, from: { plugin: true } },
 *   },
 * });
 * ```
 * @category Stores
 */
export const execCredential: StoreFactory<"token", ExecCredentialOptions, never, object> = /* @__PURE__ */ storeKind({
  kind: "execCredential",
  shape: token,
  recheck: Infinity,
  timeout: 30_000,
  ambient: true,
  uses: [runtimePrograms],
  options: TYPES,
  checks: CHECKS,
  shows: ["apiVersion"],
  request: [],
  permissions: (_, options: ExecCredentialOptions) => commandPermissions(options),
  open: (options: ExecCredentialOptions, surroundings) => {
    const command = openCommand(options, TYPES, surroundings);
    if (!command || isRefusal(command)) return command;
    const { apiVersion = "v1" } = options;
    if (versionProblem(apiVersion)) return invalid("apiVersion is not v1 or v1beta1");
    const version = `client.authentication.k8s.io/${apiVersion}`;
    const info = { apiVersion: version, kind: "ExecCredential", spec: { interactive: false } };
    const given = { KUBERNETES_EXEC_INFO: JSON.stringify(info) };
    return {
      look: async (_: object, { signal }) => {
        const text = await command.run({ given, signal });
        return isRefusal(text) ? text : readCredential(text, version, command.name);
      },
      close: () => command.close(),
    };
  },
});

function readCredential(text: string, version: string, name: string): Token | Refusal {
  const answer = readJsonObject(text, name);
  if (isRefusal(answer)) return answer;
  if (answer.kind !== "ExecCredential" || answer.apiVersion !== version) {
    return invalid(`${name} printed no ExecCredential of ${version}: set apiVersion to its own`);
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = Object(answer.status);
  if (!token && !(clientCertificateData && clientKeyData)) {
    return invalid(`${name} printed neither a token, nor a clientCertificateData with a clientKeyData`);
  }
  const lifetime = lifetimeUntil(expirationTimestamp);
  if (!lifetime) return invalid(`${name} printed an expirationTimestamp that is not a time of RFC 3339`);
  return { values: { token, clientCertificateData, clientKeyData }, ...lifetime };
}
