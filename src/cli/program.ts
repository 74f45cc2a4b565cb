/** What is known about how the command line was started. */
export interface Start {
  readonly runtime: "deno" | "bun" | "node";
  /** The URL of one of its modules. */
  readonly url: string;
  /** Reads a variable; `undefined` if that is not permitted. */
  readonly variable: (name: string) => string | undefined;
}

/**
 * Says what a user types before the name of a command, such as `deno task`.
 *
 * @param start How the command line was started.
 * @returns The words, with a space after them; empty if they are not known.
 */
export function programOf({ runtime, url, variable }: Start): string {
  if (url.startsWith("https://jsr.io/@alphaswarm/credentials/")) return "deno run -A jsr:@alphaswarm/credentials/cli ";
  if (url.includes("/node_modules/@alphaswarm/credentials/") && runtime !== "deno") {
    return `${runtime === "bun" ? "bunx --bun" : "npx"} @alphaswarm/credentials `;
  }
  if (runtime !== "deno" || !url.endsWith("/src/cli/terminal.ts") || variable("INIT_CWD") === undefined) return "";
  // Hint: npx names itself in what deno task fills in otherwise.
  if (variable("npm_lifecycle_event") === "npx") return "npx -y deno task ";
  return variable("npm_config_user_agent")?.startsWith("deno/") ? "deno task " : "";
}
