import { tokenFrom } from "./arguments.ts";
import { type Command, UsageError } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** The port without `--port`. */
const DEFAULT_PORT = 4210;

/** `serve`: the describe route on loopback. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Serve the chain as a page and as JSON, on loopback",
  help:
    "Asks the stores that need no network every few seconds and shows the result, never a value. Listens on loopback " +
    "only and requires a token. Without --token-env, a new token is generated at each start and printed once, which " +
    "requires that standard error is a terminal. In a browser, enter the token as the password with any user name.",
  options: {
    port: { type: "string", value: "PORT", help: `Port to listen on (default: ${DEFAULT_PORT}); 0 for any free port` },
    "token-env": { type: "string", value: "NAME", help: "Environment variable that holds the token" },
  },
  async run({ terminal, values, loadChain }) {
    const port = portOf(values.port);
    const token = await tokenFrom(values["token-env"]) ?? generateToken(terminal);
    const chain = await loadChain();
    // Hint: imported on demand, so that the other commands start without loading the server.
    const { serveOnLoopback } = await import("./loopback.ts");
    const server = await serveOnLoopback(chain, { port, token });
    terminal.print(`Serving the chain at ${server.url}`);
    await server.ended;
    return 0;
  },
};

function portOf(text: unknown): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(String(text)) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new UsageError("Cannot parse --port: expected a number between 0 and 65535");
}

function generateToken({ stderrIsTerminal, width, warn }: Terminal): string {
  if (!stderrIsTerminal) {
    throw new UsageError(
      "Cannot show a token: standard error is not a terminal, and a log might keep it\n" +
        "Pass the name of the variable that holds the token with --token-env NAME",
    );
  }
  const token = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))
    .replaceAll("+", "-").replaceAll("/", "_");
  const about = ["In a browser, enter it as the password with any user name.", "It is not shown again."];
  warn([`Token: ${token}`, ...about.map((line) => wrap(line, width))].join("\n"));
  return token;
}
