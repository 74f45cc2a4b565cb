import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import { present } from "./mapping.ts";
import { follow } from "./places.ts";
import type { Path } from "./reader.ts";

/** What a locator finds: a value, nothing, or some parts of a template. */
export interface Located {
  readonly value: unknown;
  /** The parts of a template that are absent while others are present. */
  readonly missingParts?: readonly string[];
}

/** A compiled locator: a member, a JSON Pointer (RFC 6901), or a template of them. */
export type Locator = (document: object) => Located | Refusal;

/**
 * Compiles a locator, or returns a string that says what is wrong with it. Details call its parts by their label. A
 * plain text has only the locator `""`, the whole of it.
 */
export function compileLocator(source: string, label: (part: string) => string, text = false): Locator | string {
  if (text) return source ? 'Expected "", the whole text' : (value) => ({ value });
  if (!source) return 'Expected a member, a JSON Pointer or a template: "" is a whole text, with text: true';
  if (isTemplate(source)) return compileTemplate(source, label);
  const path = pathOf(source);
  return (document) => ({ value: find(document, path) });
}

/** Returns the path that a locator which is not a template follows. */
export function pathOf(source: string): Path {
  if (!source.startsWith("/")) return [source];
  return source.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Returns the paths that a locator follows; a template has one for each part. */
export function pathsOf(source: string): readonly Path[] {
  return locatorParts(source).map(pathOf);
}

/** Returns the parts of a template; another locator is its only part. */
export function locatorParts(source: string): readonly string[] {
  return isTemplate(source) ? source.split(TEMPLATE_PARTS).filter((_, at) => at % 2) : [source];
}

/** Whether a locator is a template. */
export function isTemplate(source: string | undefined): boolean {
  return !!source?.includes("{");
}

const TEMPLATE_PARTS = /\{([^{}]+)\}/;

function find(document: object, path: Path): unknown {
  const value = follow(document, path);
  return present(value) ? value : undefined;
}

interface Part {
  readonly name: string;
  readonly path: Path;
  /** The text between this part and the next. */
  readonly separator: string;
}

function compileTemplate(source: string, label: (part: string) => string): Locator | string {
  const pieces = source.split(TEMPLATE_PARTS);
  const lead = pieces[0]!;
  const parts: Part[] = [];
  for (let at = 1; at < pieces.length; at += 2) {
    const part = pieces[at]!;
    parts.push({ name: label(part), path: pathOf(part), separator: pieces[at + 1]! });
  }
  const literal = lead + parts.map(({ separator }) => separator).join("");
  if (parts.length === 0 || /[{}]/.test(literal)) return `Expected a template such as "{id}:{secret}"`;
  if (parts.slice(0, -1).some(({ separator }) => separator === "")) {
    return "Expected text between the parts of a template";
  }
  return (document) => fill(document, lead, parts);
}

function fill(document: object, lead: string, parts: readonly Part[]): Located | Refusal {
  const values = parts.map(({ path }) => find(document, path));
  const missingParts = parts.filter((_, at) => values[at] === undefined).map(({ name }) => name);
  if (missingParts.length === parts.length) return { value: undefined };
  if (missingParts.length > 0) return { value: undefined, missingParts };
  let text = lead;
  for (const [at, part] of parts.entries()) {
    const value = partText(part, values[at], at === parts.length - 1);
    if (isRefusal(value)) return value;
    text += value + part.separator;
  }
  return { value: text };
}

// Hint: with a colon in the client id, `id:secret` would be read as another id and another secret.
function partText({ name, separator }: Part, value: unknown, last: boolean): string | Refusal {
  if (typeof value !== "string") return invalid(`${name} is not text`);
  if (!last && value.includes(separator)) {
    return invalid(`${name} contains "${separator}", which separates the parts of the template`);
  }
  return value;
}
