import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { workingDirectory } from "../core/runtime/globals.ts";

/** The names of errors that may be shown: any other is text of the code that threw it. */
const NAMES = /^((Type|Range|Reference|Syntax|URI|Eval|Aggregate)?Error|NotCapable|NotFound|PermissionDenied)$/;

const HINT = "Its message is not shown, since it may quote a secret: run the module by itself to see it";

interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  /** Where Bun could not parse a module. */
  readonly position?: { readonly file?: unknown; readonly line?: unknown; readonly column?: unknown } | null;
}

// Hint: the message of an error may quote a secret that was read, as that of JSON.parse does, or one that was mistyped.
/** Says what code of a chain threw, and where, without its message. */
export function thrownText(error: unknown): string {
  try {
    return textOf(Object(error));
  } catch {
    return textOf({}); // a getter of what was thrown has thrown
  }
}

function textOf(thrown: Thrown): string {
  const at = throwPosition(thrown);
  if (at === undefined && isUnreadable(thrown)) {
    return `it is not valid TypeScript or JavaScript${positioned(parsePosition(thrown))}\n${HINT}`;
  }
  const { name, code } = thrown;
  const kind = [
    ...typeof name === "string" && NAMES.test(name) ? [name] : [],
    ...code === "ERR_MODULE_NOT_FOUND" ? [code] : [],
  ].join(", ");
  return `it threw an error${kind && ` (${kind})`}${positioned(at)}\n${HINT}`;
}

/** Returns a path or a file URL as it is seen from the working directory. */
export function shownPath(pathOrUrl: string): string {
  return relative(workingDirectory() ?? "", pathOf(pathOrUrl));
}

/** Whether an error is a runtime's own about a module that it could not parse or link. */
function isUnreadable({ name, message }: Thrown): boolean {
  return name === "SyntaxError" || name === "BuildMessage" || String(message).startsWith("SyntaxError: ");
}

function throwPosition({ stack, message }: Thrown): string | undefined {
  const trace = String(stack).replace(String(message), "");
  const [, path, position] = /(?: |\()((?:file:\/\/)?\/[^()\n]+?)(:\d+:\d+)\)?$/m.exec(trace) ?? [];
  const own = pathOf(new URL(".", import.meta.url).href);
  return path === undefined || pathOf(path).startsWith(own) ? undefined : placeIn(path, position!);
}

// Hint: Deno names the place at the end of the message, and Node.js at the beginning of the stack.
function parsePosition({ position, message, stack }: Thrown): string | undefined {
  if (position) return placeIn(String(position.file), `:${Number(position.line)}:${Number(position.column)}`);
  const [, url, at] = /at (file:\/\/\S+?)(:\d+:\d+)$/.exec(String(message)) ??
    /^((?:file:\/\/)?\/.+)(:\d+)\n/.exec(String(stack)) ?? [];
  return url === undefined ? undefined : placeIn(url, at!);
}

// Hint: the code that threw controls the stack too.
/** Returns a place as it is shown; `undefined` if the file does not exist. */
function placeIn(pathOrUrl: string, position: string): string | undefined {
  return existsSync(pathOf(pathOrUrl)) ? `${shownPath(pathOrUrl)}${position}` : undefined;
}

function positioned(position: string | undefined): string {
  return position === undefined ? "" : ` at ${position}`;
}

function pathOf(pathOrUrl: string): string {
  return pathOrUrl.startsWith("file:") ? fileURLToPath(pathOrUrl) : pathOrUrl;
}
