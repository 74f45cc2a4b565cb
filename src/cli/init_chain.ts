import type { Presence } from "../core/chain/field.ts";
import { DIRECTORY, type FoundService } from "./init_probe.ts";
import type { VariableNames } from "./init_services.ts";

/** The width at which `deno fmt` breaks a line unless it is told otherwise. */
const LINE_WIDTH = 80;

/** What `init` needs to write a chain, besides what it found. */
export interface ChainOptions {
  /** The specifier by which the module imports this package. */
  readonly specifier: string;
  /** Whether the chain has a store of bootstrap documents. */
  readonly hasFile: boolean;
}

/**
 * Writes the module of a chain, as `deno fmt` formats it.
 *
 * @param found The services.
 * @param options The import, and the stores.
 * @returns The text of the module.
 */
export function chainText(found: readonly FoundService[], { specifier, hasFile }: ChainOptions): string {
  const presences = found.flatMap(({ service, names }) => Object.keys(names).map((field) => service.fields[field]!));
  const words = ["defineChain", "env", ...hasFile ? ["file"] : [], ...presences];
  return `${
    [
      "// Where each credential comes from. A value never belongs in here.",
      `// Use one with: await getResolver(chain).resolve("${found[0]!.service.key}")`,
      ...imports([...new Set(words)].toSorted(), specifier),
      "",
      "export default defineChain({",
      "  stores: {",
      ...hasFile
        ? [
          "    // Asked first: JSON documents, such as those of a bootstrap job.",
          "    file: file({",
          "      priority: 200,",
          `      directory: new URL("${DIRECTORY}/", import.meta.url),`,
          "    }),",
        ]
        : [],
      hasFile
        ? "    // Asked next: change a priority to change the order."
        : "    // A store with a higher priority is asked first.",
      "    env: env({ priority: 100 }),",
      "  },",
      "  credentials: {",
      ...found.flatMap((each) => credentialLines(each, hasFile)),
      "  },",
      "});",
    ].join("\n")
  }\n`;
}

function imports(words: readonly string[], specifier: string): readonly string[] {
  const line = `import { ${words.join(", ")} } from "${specifier}";`;
  if (line.length <= LINE_WIDTH) return [line];
  return ["import {", ...words.map((word) => `  ${word},`), `} from "${specifier}";`];
}

function credentialLines({ service, names }: FoundService, hasFile: boolean): readonly string[] {
  const { key, fields, anyOf = [], document, locators } = service;
  const used = Object.keys(names);
  const declared = used.map((field) => [field, declaration(fields[field]!, hasFile)] as const);
  return [
    `    "${key}": {`,
    ...object("      ", "fields", declared),
    ...anyOf.length > 0 ? [`      anyOf: [${anyOf.map((field) => `"${field}"`).join(", ")}],`] : [],
    "      from: {",
    ...hasFile ? documentLines(document, locators) : [],
    ...mapping("env", nameEntries(names)),
    "      },",
    "    },",
  ];
}

function documentLines(document: string, locators: VariableNames | undefined): readonly string[] {
  if (!locators) return [`        file: "${document}",`];
  return mapping("file", nameEntries(locators), `document: "${document}"`);
}

/** Writes what a store is asked for, on one line if that is short enough. */
function mapping(store: string, fields: Entries, document?: string): readonly string[] {
  const indent = " ".repeat(8);
  const line = `${indent}${store}: { ${document ? `${document}, ` : ""}fields: ${inline(fields)} },`;
  if (line.length <= LINE_WIDTH) return [line];
  return [
    `${indent}${store}: {`,
    ...document ? [`${indent}  ${document},`] : [],
    ...object(`${indent}  `, "fields", fields),
    `${indent}},`,
  ];
}

function declaration(presence: Presence, hasFile: boolean): string {
  // Hint: even if a document has the identity, the address may be in a variable.
  return presence === "destination" && hasFile ? `destination({ from: ["env"] })` : `${presence}()`;
}

type Entries = readonly (readonly [name: string, code: string])[];

function nameEntries(names: VariableNames): Entries {
  return Object.entries(names).map(([field, each]) => {
    const quoted = [each].flat().map((name) => `"${name}"`);
    return [field, typeof each === "string" ? quoted[0]! : `[${quoted.join(", ")}]`];
  });
}

/** Writes a member that is an object, on one line if that is short enough. */
function object(indent: string, name: string, entries: Entries): readonly string[] {
  const line = `${indent}${name}: ${inline(entries)},`;
  if (line.length <= LINE_WIDTH) return [line];
  return [`${indent}${name}: {`, ...entries.map(([key, code]) => `${indent}  ${key}: ${code},`), `${indent}},`];
}

function inline(entries: Entries): string {
  return `{ ${entries.map(([key, code]) => `${key}: ${code}`).join(", ")} }`;
}
