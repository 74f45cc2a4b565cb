/** The permissions that a chain needs. */
export interface DenoPermissions {
  readonly env: readonly string[];
  /** Paths; a `$NAME` at the beginning stands for the value of a variable. */
  readonly read: readonly string[];
  readonly net: readonly string[];
  readonly run: readonly string[];
}

/**
 * Formats permissions as flags of `deno run`, quoted for a POSIX shell.
 *
 * @param permissions The permissions.
 * @returns For example `--allow-env=NEO4J_USER --allow-read=data/bootstrap`.
 */
export function denoFlags({ env, read, net, run }: DenoPermissions): string {
  return [flag("env", env), flag("read", read), flag("net", net), flag("run", run)].filter((text) => text !== "").join(
    " ",
  );
}

function flag(name: string, values: readonly string[]): string {
  // Hint: to Deno, a doubled comma is a comma within a name.
  return values.length > 0
    ? `--allow-${name}=${values.map((value) => quote(value.replaceAll(",", ",,"))).join(",")}`
    : "";
}

function quote(value: string): string {
  const variable = /^\$\w+/.exec(value)?.[0];
  if (variable !== undefined) return `"${variable}"${quoteForShell(value.slice(variable.length))}`;
  return quoteForShell(value);
}

/** Quotes text for a POSIX shell if necessary. */
export function quoteForShell(text: string): string {
  return /^[\w@%+=:,./[\]-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
