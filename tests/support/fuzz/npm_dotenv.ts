/** The pattern of the npm package dotenv 17 for an assignment. */
const LINE =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm;

/** Reads a dotenv file as the npm package does, which is how most programs read one. */
export function readAsNpm(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [, name, written = ""] of text.replace(/\r\n?/g, "\n").matchAll(LINE)) {
    const trimmed = written.trim();
    const value = trimmed.replace(/^(['"`])([\s\S]*)\1$/gm, "$2");
    values[name!] = trimmed.startsWith('"') ? value.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : value;
  }
  return values;
}
