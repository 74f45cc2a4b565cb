import { persist, type Persisted } from "../bootstrap/persist.ts";
import { CredentialError } from "../core/chain/errors.ts";
import { isBrokenText } from "../core/chain/outcome.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { knownKeys, knownStore } from "./arguments.ts";
import { type Command, UsageError } from "./command.ts";
import { groupNames } from "../report/guidance/names.ts";
import { type Directories, directoriesOf } from "../report/guidance/directories.ts";
import type { PersistReport } from "../report/written_reports.ts";
import { type Style, styleOf } from "./style.ts";
import { typedPaths } from "./local_hints.ts";
import { withResolver } from "./with_resolver.ts";
import { wrap } from "./wrap.ts";

/** `persist`: writes a credential to a store. */
export const persistCommand: Command = {
  name: "persist",
  args: "KEY",
  summary: "Write a credential given as JSON on standard input",
  help:
    "Reads a JSON object from standard input: the credential's fields, or what the store itself would read, such as the " +
    "answer of the service that minted it. Writes it to the store with the highest priority that can be written to. " +
    "Every process finds it at its next resolve. Values are not taken as arguments, since other users of the machine can " +
    "read those.",
  options: { store: { type: "string", value: "NAME", help: "Write to this store instead" } },
  async run({ terminal, positionals, values, json, loadChain }) {
    if (positionals.length !== 1) throw new UsageError("Expected one KEY, for example: persist polaris:oauth");
    const chain = await loadChain();
    const [key] = knownKeys(positionals, chain);
    const store = typeof values.store === "string" ? knownStore(values.store, chain) : undefined;
    if (terminal.stdinIsTerminal) terminal.warn(wrap(AWAITED, terminal.width));
    const given = parseObject(await terminal.readInput());
    return await withResolver(chain, async (resolver) => {
      try {
        // Hint: the chain's fields are unknown to the compiler; persist() checks them.
        const persisted = await persist(resolver as Resolver<never>, key as never, given as never, { store });
        const report: PersistReport = { version: 1, ...persisted };
        const directories = typedPaths(directoriesOf(chain, resolver.describe()));
        terminal.print(
          json ? JSON.stringify(report, null, 2) : persistedText(persisted, directories, styleOf(terminal)),
        );
        if (persisted.shadowedBy) terminal.warn(shadowText(persisted, terminal.width));
        return 0;
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error;
        terminal.warn(wrap(error.message, terminal.width));
        return 1;
      }
    });
  },
};

const AWAITED = "Reading a JSON object from standard input until Ctrl-D; what you type is visible";

// Hint: the message of JSON.parse quotes its input, which is a secret.
function parseObject(text: string): object {
  if (isBrokenText(text)) throw new UsageError("Cannot read standard input: it is not valid UTF-8 text");
  const json = text.replace(/^\uFEFF/, "");
  if (isObject(json)) return JSON.parse(json);
  const several = json.trim().split(/[\r\n]+(?=\{)/);
  if (several.length > 1 && several.every(isObject)) {
    throw new UsageError(`Cannot read standard input: expected one JSON object, found ${several.length}`);
  }
  throw new UsageError(
    "Cannot read standard input: expected a JSON object of the credential's fields, or of what its store reads",
  );
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function persistedText({ key, store, names }: Persisted, directories: Directories, { paint, width }: Style): string {
  const where = wrap(groupNames(names, directories[store]), width, "  ");
  return `${paint("strong", key)}: ${paint("good", `written to ${store}`)}\n${where}`;
}

function shadowText({ key, store, shadowedBy }: Persisted, width: number): string {
  return wrap(
    `The credential of "${shadowedBy}" still wins over that of "${store}": see explain ${key}`,
    width,
  );
}
