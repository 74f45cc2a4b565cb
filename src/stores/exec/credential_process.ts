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
 * Creates a store of AWS keys that a program prints, in the form of `credential_process`
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). The answer's members are `access_key`,
 * `secret_key` and `session_token`. Keys with an `Expiration` are renewed before it; those without are used until they are
 * refused.
 *
 * @example Keys of AWS IAM Identity Center
 * ```ts
 * import { defineChain, optional, required } from "@alphaswarm/credentials";
 * import { credentialProcess } from "@alphaswarm/credentials/exec";
 *
 * const chain = defineChain({
 *   stores: {
 *     sso: credentialProcess({
 *       priority: 200,
 *       command: [
 *         "aws",
 *         "configure",
 *         "export-credentials",
 *         "--profile",
 *         "dev",
 *         "--format",
 *         "process",
 *       ],
 *     }),
 *   },
 *   credentials: {
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: optional(),
 *       },
 *       from: { sso: true },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const credentialProcess: StoreFactory<"token", CommandOptions, never, object> = /* @__PURE__ */ storeKind({
  kind: "credentialProcess",
  shape: token,
  recheck: Infinity,
  timeout: 30_000,
  ambient: true,
  uses: [runtimePrograms],
  options: COMMAND_TYPES,
  checks: COMMAND_CHECKS,
  request: [],
  issuesTogether: ["access_key", "secret_key", "session_token"],
  permissions: (_, options: CommandOptions) => commandPermissions(options),
  open: (options: CommandOptions, surroundings) => {
    const command = openCommand(options, COMMAND_TYPES, surroundings);
    if (!command || isRefusal(command)) return command;
    return {
      look: async (_: object, { signal }) => {
        const text = await command.run({ signal });
        return isRefusal(text) ? text : readKeys(text, command.name);
      },
      close: () => command.close(),
    };
  },
});

function readKeys(text: string, name: string): Token | Refusal {
  const answer = readJsonObject(text, name);
  if (isRefusal(answer)) return answer;
  if (answer.Version !== 1) {
    return invalid(`${name} printed no credential with Version 1, the only version that exists`);
  }
  const { AccessKeyId: access_key, SecretAccessKey: secret_key, SessionToken: session_token } = answer;
  if (typeof access_key !== "string" || typeof secret_key !== "string" || !access_key || !secret_key) {
    return invalid(`${name} printed no AccessKeyId with a SecretAccessKey`);
  }
  const lifetime = lifetimeUntil(answer.Expiration);
  if (!lifetime) return invalid(`${name} printed an Expiration that is not a time, such as 2030-01-01T00:00:00Z`);
  return { values: { access_key, secret_key, session_token }, ...lifetime };
}
