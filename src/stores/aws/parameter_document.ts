import { hostsOf } from "../../core/chain/endpoint.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { DocumentContext } from "../../core/chain/store_spec.ts";
import { document } from "../../core/source/document.ts";
import { contentsOf } from "./contents.ts";
import { checkNames, misplaced } from "./names.ts";
import { AWS_CHECKS, type AwsOptions, openService, urlOf, withAwsTypes } from "./server.ts";

const TYPES: OptionTypes<AwsOptions> = /* @__PURE__ */ withAwsTypes({});

/**
 * Creates a store of documents in parameters of AWS Systems Manager: a mapping names a parameter by its name or its
 * ARN, with `:3` for a version or `:live` for a label. A parameter is JSON or, with `text: true` in the mapping, any
 * text. AWS decrypts it. `credentials`, the outcomes and `recheck` are those of `secretsManager`.
 *
 * Source: [GetParameter](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html).
 *
 * @example A parameter that is JSON
 * ```ts
 * import { defineChain, env, fromEnv, optional, required } from "@alphaswarm/credentials";
 * import { parameterDocument } from "@alphaswarm/credentials/aws";
 *
 * const chain = defineChain({
 *   stores: {
 *     ssm: parameterDocument({
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
 *       from: { ssm: "/prod/neo4j" },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const parameterDocument: StoreFactory<"document", AwsOptions, "credentials"> = /* @__PURE__ */ storeKind({
  kind: "parameterDocument",
  shape: document,
  text: true,
  recheck: 300_000,
  options: TYPES,
  shows: ["region", "endpoint"],
  checks: AWS_CHECKS,
  checkMapping: ({ document }, { region }, complain) => checkNames([document!.name], "ssm", region, complain),
  needs: ["credentials"],
  requires: { credentials: ["access_key", "secret_key"] },
  permissions: (_, options: AwsOptions) => ({ net: hostsOf(urlOf("ssm", options)) }),
  open: (options: AwsOptions, surroundings) => {
    const call = openService("ssm", options, TYPES, surroundings);
    if (isRefusal(call)) return call;
    return async (name: string, context: DocumentContext<"credentials">): Promise<unknown> => {
      const refusal = misplaced([name], "ssm", options.region);
      if (refusal) return refusal;
      const body = { Name: name, WithDecryption: true };
      const found = await call({ name: "GetParameter", what: name, body }, context);
      if (found === undefined || isRefusal(found)) return found;
      const { Value: text, Version: version } = Object(found.Parameter);
      if (typeof text !== "string") return invalid(`the answer has no value for ${name}`);
      return contentsOf(name, text, version, context.text);
    };
  },
});
