import { combineRefusals } from "../../core/chain/errors.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { syncFiles } from "../../core/runtime/files.ts";
import { present } from "../../core/source/mapping.ts";
import { token } from "../../core/source/token.ts";
import { AGENTS, containerKeys, EKS_TOKEN_FILE, PLACES, TOKENS } from "./container_keys.ts";
import { DISABLED_NAME, ENDPOINT_NAME, instanceKeys, SERVICES } from "./instance_keys.ts";

/**
 * The options of `awsRuntime`.
 *
 * @example A program on EC2
 * ```ts
 * import { defineChain, optional, required } from "@alphaswarm/credentials";
 * import { awsRuntime, type AwsRuntimeOptions } from "@alphaswarm/credentials/aws";
 *
 * const options: AwsRuntimeOptions = { imds: true };
 * const chain = defineChain({
 *   stores: { machine: awsRuntime({ priority: 100, ...options }) },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: { machine: true },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface AwsRuntimeOptions {
  /**
   * Whether an EC2 instance is asked for the keys of its role if there is no container to ask. Elsewhere nothing
   * answers, and the store is `unavailable` after a second, so set it only in a chain for programs that run on EC2.
   */
  readonly imds?: true;
}

const TYPES: OptionTypes<AwsRuntimeOptions> = { imds: "boolean|undefined" };

/** The size of the largest answer, after decoding. */
const MAX_BODY_BYTES = 65_536;

/**
 * Creates a store of the keys that AWS gives to the machine itself. The answer's members are `access_key`, `secret_key` and
 * `session_token`.
 *
 * A container is asked at the address in its variables: ECS and Fargate (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`), EKS
 * Pod Identity, Greengrass and SnapStart (`AWS_CONTAINER_CREDENTIALS_FULL_URI`), with the token of
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or `AWS_CONTAINER_AUTHORIZATION_TOKEN`. With `imds: true` an EC2 instance is
 * asked, by version 2 of its metadata service and never by version 1. Anywhere else the store is off, and asks nothing.
 * Keys are renewed before they expire, and not used after that. See AWS's pages on [container
 * credentials](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html) and [instance
 * metadata](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html).
 *
 * @example A container, and a laptop with variables
 * ```ts
 * import { defineChain, env, optional, required } from "@alphaswarm/credentials";
 * import { awsRuntime } from "@alphaswarm/credentials/aws";
 *
 * const chain = defineChain({
 *   stores: { aws: awsRuntime({ priority: 200 }), env: env({ priority: 100 }) },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: {
 *         aws: true,
 *         env: {
 *           fields: {
 *             access_key: "AWS_ACCESS_KEY_ID",
 *             secret_key: "AWS_SECRET_ACCESS_KEY",
 *             session_token: "AWS_SESSION_TOKEN",
 *           },
 *         },
 *       },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const awsRuntime: StoreFactory<"token", AwsRuntimeOptions, never, object> = /* @__PURE__ */ storeKind({
  kind: "awsRuntime",
  shape: token,
  ambient: true,
  uses: [syncFiles],
  options: TYPES,
  request: [],
  off: "this is not a container of AWS, and no instance is asked",
  shows: ["imds"],
  issuesTogether: ["access_key", "secret_key", "session_token"],
  // Hint: serving expired keys would turn "no connection" into AWS's 403.
  onExpired: "next",
  permissions: (_, { imds }: AwsRuntimeOptions) => ({
    env: [...PLACES, ...TOKENS, ...imds ? [DISABLED_NAME, ENDPOINT_NAME] : []],
    read: [EKS_TOKEN_FILE],
    net: [...AGENTS, ...imds ? SERVICES : []],
  }),
  open: (options: AwsRuntimeOptions, surroundings) => {
    const mistake = wrongType(options, TYPES);
    if (mistake) return mistake;
    const { variable, files, clock } = surroundings;
    const places = PLACES.map(variable);
    if (places.some(isRefusal)) return combineRefusals(places.filter(isRefusal));
    const isContainer = places.some(present);
    if (!isContainer) {
      const disabled = options.imds ? variable(DISABLED_NAME) : "true";
      if (isRefusal(disabled)) return disabled;
      if (String(disabled).trim().toLowerCase() === "true") return undefined;
    }
    const ask = isContainer ? containerKeys : instanceKeys;
    const fetch = boundedFetch(surroundings.fetch, MAX_BODY_BYTES);
    return (_: object, { signal }: Context): Promise<Token | Refusal> => ask({ fetch, variable, files, clock, signal });
  },
});
