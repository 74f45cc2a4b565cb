import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import { isReference, type Reference } from "../../core/chain/reference.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Surroundings } from "../../core/chain/store_spec.ts";
import { runtimePrograms } from "../../core/runtime/programs.ts";
import { document } from "../../core/source/document.ts";
import { COMMAND_CHECKS, COMMAND_TYPES, type CommandOptions, commandPermissions, openCommand } from "./command.ts";

/**
 * The options of `exec`.
 *
 * @example A secret of pass
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { exec, type ExecOptions } from "@alphaswarm/credentials/exec";
 *
 * const options: ExecOptions = {
 *   command: ["pass", "show", "apps/{}"],
 *   environment: ["PASSWORD_STORE_DIR", "GNUPGHOME"],
 * };
 * const chain = defineChain({
 *   stores: { pass: exec({ priority: 100, ...options }) },
 *   credentials: {
 *     "github:api": {
 *       fields: { token: required() },
 *       from: { pass: { document: "github", text: true, fields: { token: "" } } }, // pass show apps/github
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface ExecOptions extends CommandOptions {
  /**
   * The program and its arguments, in which `{}` stands for the document that a mapping names: `["op", "read", "{}"]`, or
   * `["pass", "show", "apps/{}"]`. Without `{}`, the document is only a name. The program is an absolute path, or the name
   * of one in the absolute entries of `PATH`. There is no shell, so nothing is expanded or quoted.
   */
  readonly command: CommandOptions["command"];
}

/**
 * Creates a store of what programs print: JSON or, with `text: true` in the mapping, the text itself, without a line
 * break at its end. It is used until it is invalidated, since some programs ask a person each time.
 *
 * A program gets `PATH` (its absolute entries), `HOME` and the variables of `environment`, no standard input, and 30 s;
 * then it is killed with all that it started. Its standard error is discarded. If it fails, the store is `unavailable`.
 *
 * @example 1Password, below a variable
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { exec } from "@alphaswarm/credentials/exec";
 *
 * const chain = defineChain({
 *   stores: {
 *     env: env({ priority: 200 }),
 *     op: exec({ priority: 100, command: ["op", "read", "{}"] }),
 *   },
 *   credentials: {
 *     "github:api": {
 *       fields: { token: required() },
 *       from: {
 *         env: { prefix: "GITHUB_" },
 *         op: { document: "op://dev/github/token", text: true, fields: { token: "" } },
 *       },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const exec: StoreFactory<"document", ExecOptions> = /* @__PURE__ */ storeKind({
  kind: "exec",
  shape: document,
  recheck: Infinity,
  timeout: 30_000,
  ambient: true,
  text: true,
  uses: [runtimePrograms],
  options: COMMAND_TYPES,
  checks: COMMAND_CHECKS,
  checkMapping: ({ document }, { command }, complain) => {
    // Hint: a name must not become an option of the program.
    if (!/^-/.test(document!.name) || !argumentsOf(command).some((each) => each.startsWith("{}"))) return;
    complain(
      "",
      `"${document!.name}" would be an option of the program: expected a document that does not begin with -`,
    );
  },
  permissions: (_, options: ExecOptions) => commandPermissions(options),
  open: (options: ExecOptions, surroundings) => {
    const command = openCommand(options, COMMAND_TYPES, surroundings);
    if (!command || isRefusal(command)) return command;
    return {
      look: async (name, { signal, text: isText }): Promise<unknown> => {
        const mistaken = await mistakenArgument(surroundings);
        if (mistaken) return mistaken;
        const args = options.command.slice(1).map((each) => each.split("{}").join(name));
        const text = await command.run({ args, signal });
        if (isRefusal(text)) return text;
        // Hint: printing nothing does not mean that there is nothing, so no lower store may silently take over.
        if (text.trim() === "") return invalid(`${command.name} printed nothing`);
        return isText ? text.replace(/\r?\n$/, "") : parse(text, command.name);
      },
      close: () => command.close(),
    };
  },
});

// Hint: with the document put in, the argument would differ from what the variable says, for example in the account.
/** Refuses the value of a variable with `{}` in it. */
async function mistakenArgument({ declared, variable }: Surroundings): Promise<Refusal | undefined> {
  for (const [option, shown] of Object.entries(declared)) {
    if (!option.startsWith("command.") || !shown.startsWith("$")) continue;
    const value = await variable(shown.slice(1));
    if (typeof value === "string" && value.includes("{}")) {
      return invalid(`${shown} holds {}, which stands for the document only in the chain itself`);
    }
  }
}

/** Returns the arguments as far as the chain itself gives them, even if the option is not a list. */
function argumentsOf(command: unknown): readonly string[] {
  return [command].flat().slice(1).map((each) => String(isReference(each) ? (each as Reference).fallback : each));
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return invalid(`${name} printed output that is not JSON: expected a JSON object, or text: true in the mapping`);
  }
}
