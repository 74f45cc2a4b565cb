import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRefusal } from "../core/chain/outcome.ts";
import { present } from "../core/source/mapping.ts";
import type { ReadVariable } from "../core/chain/reference.ts";
import type { Service, VariableNames } from "./init_services.ts";

/** The directory of the bootstrap documents, beside the chain's module. */
export const DIRECTORY = "data/bootstrap";

/** Whether a variable is there; its value is not kept. */
export interface FoundVariable {
  readonly name: string;
  /** The field that it is for. */
  readonly field: string;
  readonly set: boolean;
  /** Whether it may not be read, or is not text. */
  readonly unreadable?: true;
}

/** What was found for a service on this machine. */
export interface FoundService {
  readonly name: string;
  readonly service: Service;
  /** The names by which its variables are read. */
  readonly names: VariableNames;
  readonly variables: readonly FoundVariable[];
  /** Its document, relative to the chain's module, and whether that exists. */
  readonly document: { readonly path: string; readonly exists: boolean };
}

/**
 * Looks only for the variables and the document of a service.
 *
 * @param name The service's name.
 * @param service The service.
 * @param path The path of the chain's module.
 * @param read Reads a variable.
 * @returns What was found, without a value.
 */
export function probe(name: string, service: Service, path: string, read: ReadVariable): FoundService {
  const all = service.variables.map((names) => ({ names, variables: lookFor(names, read) }));
  const setIn = ({ variables }: typeof all[number]) => variables.filter(({ set }) => set).length;
  const { names, variables } = all.reduce((best, each) => setIn(each) > setIn(best) ? each : best);
  const document = `${DIRECTORY}/${service.document}`;
  return {
    name,
    service,
    names,
    variables,
    document: { path: document, exists: exists(join(dirname(path), document)) },
  };
}

function lookFor(names: VariableNames, read: ReadVariable): readonly FoundVariable[] {
  return Object.entries(names).flatMap(([field, variables]) =>
    [variables].flat().map((name) => {
      const value = read(name);
      return isRefusal(value) ? { name, field, set: false, unreadable: true } : { name, field, set: present(value) };
    })
  );
}

const PACKAGE = "@alphaswarm/credentials";

/** Whether there is something at a path, as far as this process may look. */
export function exists(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false; // Deno throws if reading is not permitted
  }
}

/** Whether the project of a module has this package: its `deno.json` or `package.json`, or that of a directory above. */
export function hasPackage(path: string): boolean {
  for (let directory = dirname(path);; directory = dirname(directory)) {
    const texts = ["deno.json", "deno.jsonc", "package.json"].map((name) => textOf(join(directory, name)));
    if (texts.some((text) => text?.includes(`"${PACKAGE}"`))) return true;
    if (directory === dirname(directory)) return false;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // it does not exist, or may not be read
  }
}
