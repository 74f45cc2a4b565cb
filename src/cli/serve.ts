import { type Command, Misuse } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { tokenFrom } from "./token_option.ts";

/** The port, unless `--port` says otherwise. */
const PORT = 4210;

/** `serve`: the describe route on loopback. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Serve the chain as a page and as JSON, on loopback",
  help:
    "It asks the stores that need no network every few seconds, and shows what they said, never a value. Only this " +
    "machine reaches it, and only with a token: it is made anew at every start and shown once, where standard error " +
    "is a terminal; else --token-env names the variable that holds it. In a browser it is the password, with any user " +
    "name.",
  options: {
    port: { type: "string", value: "PORT", help: `Where it listens; ${PORT} unless given, 0 for any that is free` },
    "token-env": { type: "string", value: "NAME", help: "The variable that holds the token" },
  },
  async run({ terminal, values, loadChain }) {
    const port = portOf(values.port);
    const token = await tokenFrom(values["token-env"]) ?? showToken(terminal);
    const chain = await loadChain();
    // Hint: the other commands start faster without the server and the page.
    const { serveOnLoopback } = await import("./loopback.ts");
    const server = await serveOnLoopback(chain, { port, token });
    terminal.print(`The chain is at ${server.url}`);
    await server.ended;
    return 0;
  },
};

function portOf(text: unknown): number {
  if (text === undefined) return PORT;
  const port = /^\d{1,5}$/.test(String(text)) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Misuse("Cannot parse --port: expected a number between 0 and 65535");
}

function showToken({ attended, warn }: Terminal): string {
  if (!attended) {
    throw new Misuse(
      "Cannot show the token: standard error is no terminal, and might be kept\n" +
        "Name the variable that holds it with --token-env NAME",
    );
  }
  const token = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))
    .replaceAll("+", "-").replaceAll("/", "_");
  warn(`Token: ${token}\nIn a browser it is the password, with any user name. It is not shown again.`);
  return token;
}
