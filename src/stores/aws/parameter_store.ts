import { hostsOf } from "../../core/chain/endpoint.ts";
import { combineRefusals } from "../../core/chain/errors.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context, ValuesByName } from "../../core/chain/store_spec.ts";
import { variables } from "../../core/source/variables.ts";
import { contentsOf } from "./contents.ts";
import { checkNames, misplaced } from "./names.ts";
import { AWS_CHECKS, type AwsOptions, type CallAws, openService, urlOf, withAwsTypes } from "./server.ts";

const TYPES: OptionTypes<AwsOptions> = /* @__PURE__ */ withAwsTypes({});

/** How many parameters one request may ask for. */
const MAX_NAMES = 10;

/**
 * Creates a store of the parameters of AWS Systems Manager, one for each field: the prefix, and the name of the field
 * as it is written. One request reads up to ten of a credential's parameters. AWS decrypts them. `credentials`, the
 * outcomes and `recheck` are those of `secretsManager`.
 *
 * Source: [GetParameters](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html).
 *
 * @example A parameter for each field
 * ```ts
 * import { defineChain, env, fromEnv, optional, required } from "@alphaswarm/credentials";
 * import { parameterStore } from "@alphaswarm/credentials/aws";
 *
 * const chain = defineChain({
 *   stores: {
 *     ps: parameterStore({
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
 *       from: { ps: { prefix: "/prod/neo4j/" } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const parameterStore: StoreFactory<"variables", AwsOptions, "credentials"> = /* @__PURE__ */ storeKind({
  kind: "parameterStore",
  shape: variables,
  recheck: 300_000,
  options: TYPES,
  shows: ["region", "endpoint"],
  checks: AWS_CHECKS,
  checkMapping: ({ reads }, { region }, complain) => checkNames(reads, "ssm", region, complain),
  needs: ["credentials"],
  requires: { credentials: ["access_key", "secret_key"] },
  permissions: (_, options: AwsOptions) => ({ net: hostsOf(urlOf("ssm", options)) }),
  open: (options: AwsOptions, surroundings) => {
    const call = openService("ssm", options, TYPES, surroundings);
    if (isRefusal(call)) return call;
    const read = async (names: readonly string[], context: Context<"credentials">): Promise<ValuesByName | Refusal> => {
      const refusal = misplaced(names, "ssm", options.region);
      if (refusal) return refusal;
      const chunks = Array.from(
        { length: Math.ceil(names.length / MAX_NAMES) },
        (_, at) => names.slice(at * MAX_NAMES, (at + 1) * MAX_NAMES),
      );
      const answers = await Promise.all(chunks.map((chunk) => readChunk(call, chunk, context)));
      const refusals = answers.filter(isRefusal);
      return refusals.length > 0 ? combineRefusals(refusals) : Object.fromEntries(answers.flatMap(Object.entries));
    };
    return {
      look: async (name: string, context: Context<"credentials">) => {
        const values = await read([name], context);
        return isRefusal(values) ? values : values[name];
      },
      read,
    };
  },
});

/** A parameter as the service returns it. */
interface Parameter {
  readonly Name?: unknown;
  readonly ARN?: unknown;
  readonly Selector?: unknown;
  readonly Value?: unknown;
  readonly Version?: unknown;
}

async function readChunk(
  call: CallAws,
  names: readonly string[],
  context: Context<"credentials">,
): Promise<ValuesByName | Refusal> {
  const body = { Names: names, WithDecryption: true };
  const found = await call({ name: "GetParameters", what: names.join(", "), body }, context);
  if (found === undefined || isRefusal(found)) return found ?? {};
  const [parameters, missing] = [found.Parameters, found.InvalidParameters].map((each) =>
    Array.isArray(each) ? each : []
  );
  const values = names.map((name) => {
    const parameter: Parameter | undefined = parameters!.find((each) => isNamed(Object(each), name));
    if (typeof parameter?.Value !== "string") {
      // Hint: a parameter that the answer merely leaves out is not known to be missing.
      const isMissing = !parameter && missing!.includes(name);
      return [name, isMissing ? undefined : invalid(`the answer has no value for ${name}`)];
    }
    return [name, contentsOf(name, parameter.Value, parameter.Version, true)];
  });
  return Object.fromEntries(values);
}

/** Whether a parameter is the one that was asked for, by its name or its ARN, and by its version or label. */
function isNamed({ Name, ARN, Selector }: Parameter, asked: string): boolean {
  // Hint: an emulator may return `null` for a selector that a parameter does not have.
  const selector = Selector ?? "";
  return [Name, ARN].some((each) =>
    typeof each === "string" && typeof selector === "string" && `${each}${selector}` === asked
  );
}
