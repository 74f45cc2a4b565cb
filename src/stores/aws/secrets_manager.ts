import { hostsOf, optionName } from "../../core/chain/endpoint.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { DocumentContext } from "../../core/chain/store_spec.ts";
import { document } from "../../core/source/document.ts";
import { contentsOf } from "./contents.ts";
import { checkNames, misplaced } from "./names.ts";
import { AWS_CHECKS, type AwsOptions, openService, urlOf, withAwsTypes } from "./server.ts";

/**
 * The options of `secretsManager`, besides `credentials`.
 *
 * @example The version before the present one
 * ```ts
 * import { secretsManager, type SecretsManagerOptions } from "@alphaswarm/credentials/aws";
 *
 * const options: SecretsManagerOptions = {
 *   region: "eu-west-1",
 *   stage: "AWSPREVIOUS",
 * };
 * // In the from of a credential: { previous: "prod/neo4j" }
 * const previous = secretsManager({ priority: 100, credentials: "aws:keys", ...options });
 * ```
 * @category Stores
 */
export interface SecretsManagerOptions extends AwsOptions {
  /** The staging label of the version; `AWSCURRENT` unless set. */
  readonly stage?: string;
  /** `"base64"` gives a mapping with `text: true` a binary secret as base64; without it, such a secret is `invalid`. */
  readonly binary?: "base64";
}

const TYPES: OptionTypes<SecretsManagerOptions> = /* @__PURE__ */ withAwsTypes({
  stage: "string|undefined",
  binary: "string|undefined",
});

// Hint: written out, since a bundler would keep a spread.
const CHECKS = {
  region: (value: unknown): string | undefined => AWS_CHECKS.region(value),
  stage: (value: unknown): string | undefined =>
    isLabel(String(value)) ? undefined : "Expected a staging label, such as AWSCURRENT",
  binary: (value: unknown): string | undefined => value === "base64" ? undefined : 'Expected "base64"',
};

// Hint: AWS answers that a label with a space at its end does not exist, which would be a miss.
function isLabel(text: string): boolean {
  return /^\S(.*\S)?$/.test(text);
}

/**
 * Creates a store of the secrets in AWS Secrets Manager: a mapping names a secret by its name or its ARN. A secret is
 * JSON or, with `text: true` in the mapping, any text, as it is. `credentials` is a credential of the chain with
 * `access_key`, `secret_key` and, if they are temporary, `session_token`, as `sts` gives them.
 *
 * A secret that does not exist is a miss; one that is marked for deletion is `invalid`. A missing permission is
 * `denied`, and the detail names it. Keys that are refused are resolved again, once. An answer counts for 5 minutes
 * (`recheck`), since AWS charges for each request.
 *
 * Source: [GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
 *
 * @example A secret that is JSON, and one that is text
 * ```ts
 * import { defineChain, env, fromEnv, optional, required } from "@alphaswarm/credentials";
 * import { secretsManager } from "@alphaswarm/credentials/aws";
 *
 * const chain = defineChain({
 *   stores: {
 *     sm: secretsManager({
 *       priority: 200,
 *       region: fromEnv("AWS_REGION"),
 *       credentials: "aws:keys",
 *     }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: {
 *         env: {
 *           fields: {
 *             access_key: "AWS_ACCESS_KEY_ID",
 *             secret_key: "AWS_SECRET_ACCESS_KEY",
 *             session_token: "AWS_SESSION_TOKEN",
 *           },
 *         },
 *       },
 *     },
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { sm: "prod/neo4j" },
 *     },
 *     "github:api": {
 *       fields: { token: required() },
 *       from: {
 *         sm: { document: "prod/github-token", text: true, fields: { token: "" } },
 *       },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const secretsManager: StoreFactory<"document", SecretsManagerOptions, "credentials"> = /* @__PURE__ */ storeKind(
  {
    kind: "secretsManager",
    shape: document,
    text: true,
    // Hint: AWS charges for every request.
    recheck: 300_000,
    options: TYPES,
    shows: ["region", "endpoint", "stage"],
    checks: CHECKS,
    checkMapping: ({ document }, { region }, complain) => {
      checkNames([document!.name], "secretsmanager", region, complain);
    },
    needs: ["credentials"],
    requires: { credentials: ["access_key", "secret_key"] },
    permissions: (_, options: SecretsManagerOptions) => ({ net: hostsOf(urlOf("secretsmanager", options)) }),
    open: (options: SecretsManagerOptions, surroundings) => {
      const call = openService("secretsmanager", options, TYPES, surroundings);
      if (isRefusal(call)) return call;
      const { region, stage = "AWSCURRENT", binary } = options;
      if (!isLabel(stage)) {
        return invalid(
          `${optionName("stage", surroundings.declared.stage)} is not a staging label, such as AWSCURRENT`,
        );
      }
      if (binary !== undefined && binary !== "base64") {
        return invalid(`${optionName("binary", surroundings.declared.binary)} is not "base64"`);
      }
      return async (name: string, context: DocumentContext<"credentials">): Promise<unknown> => {
        const refusal = misplaced([name], "secretsmanager", region);
        if (refusal) return refusal;
        const body = { SecretId: name, VersionStage: stage };
        const found = await call({ name: "GetSecretValue", what: name, body }, context);
        if (found === undefined || isRefusal(found)) return found as undefined | Refusal;
        const { SecretString: text, SecretBinary: bytes, VersionId: version } = found;
        if (typeof text === "string") return contentsOf(name, text, version, context.text);
        if (typeof bytes !== "string") return invalid(`the answer has neither text nor binary for ${name}`);
        if (binary && context.text) return contentsOf(name, bytes, version, true);
        return invalid(`${name} is binary: expected text, or binary: "base64" and text: true in the mapping`);
      };
    },
  },
);
