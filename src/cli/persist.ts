import { persist, type Persisted } from "../bootstrap/persist.ts";
import { createResolver, type Resolver } from "../resolver.ts";
import { type Command, Misuse } from "./command.ts";
import { knownKeys } from "./key_argument.ts";
import { groupNames } from "./names.ts";
import { type Places, placesOf } from "./places.ts";
import { type Paint, paint } from "./style.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** `persist`: writes a credential. */
export const persistCommand: Command = {
  name: "persist",
  args: "KEY",
  summary: "Write a credential given as JSON on standard input",
  help:
    "It takes an object of the credential's fields, and writes them to the highest store that can hold them, where " +
    "everybody's next resolve finds them. A secret is never an argument, since arguments can be read by others.",
  options: { store: { type: "string", value: "NAME", help: "Write to this store" } },
  async run({ terminal, positionals, values, json, loadChain }) {
    if (positionals.length !== 1) throw new Misuse("Expected one KEY, for example: persist polaris:oauth");
    const chain = await loadChain();
    const [key] = knownKeys(positionals, chain);
    const given = objectOf(await terminal.input());
    // Hint: which fields the chain has is only known now, and is checked where they are written.
    const resolver = createResolver(chain) as Resolver<never>;
    const store = typeof values.store === "string" ? values.store : undefined;
    try {
      const persisted = await persist(resolver, key as never, given as never, { store });
      const places = placesOf(chain, resolver.describe());
      terminal.print(
        json
          ? JSON.stringify({ version: 1, ...persisted }, null, 2)
          : persistedText(persisted, places, paint(terminal.color)),
      );
      if (persisted.shadowedBy) terminal.warn(shadowText(persisted));
      return 0;
    } catch (error) {
      if ((error as Error).name !== "CredentialError") throw error;
      terminal.warn(wrap((error as Error).message, WIDTH));
      return 1;
    }
  },
};

// Hint: the parser's own message quotes what it was given.
function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch { /* said below */ }
  throw new Misuse("Cannot read standard input: expected a JSON object of the credential's fields");
}

function persistedText({ key, store, names }: Persisted, places: Places, paint: Paint): string {
  const where = wrap(groupNames(names, places[store]), WIDTH, "  ");
  return `${paint("strong", key)}: ${paint("good", `written to ${store}`)}\n${where}`;
}

function shadowText({ key, store, shadowedBy }: Persisted): string {
  return wrap(`It is not in use: "${shadowedBy}" comes before "${store}". See explain ${key}`, WIDTH);
}
