import { serve, type ServerType } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import type { AnyChain } from "../core/chain/chain.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { mayListen } from "../core/runtime/globals.ts";
import { survey } from "../report/survey.ts";
import { describeRoute, type HonoApp } from "../route/describe_route.ts";
import { UsageError } from "./command.ts";

/** How often the stores that need no network are asked again. */
const SURVEY_INTERVAL_MS = 5_000;
const HOST = "127.0.0.1";

/** How a chain is served. */
interface LoopbackOptions {
  /** The port to listen on; 0 for any free port. */
  readonly port: number;
  /** The token that requests must send. */
  readonly token: string;
}

/** A server of the describe route. */
interface LoopbackServer {
  /** The URL of the route. */
  readonly url: string;
  /** Resolves when the server no longer listens. */
  readonly ended: Promise<void>;
  /** Stops the server. */
  close(): void;
}

/**
 * Serves the describe route on loopback.
 *
 * @param chain The chain to show.
 * @param options The port and the token.
 * @returns The server, once it listens.
 * @throws {UsageError} If it cannot listen on the port.
 */
export async function serveOnLoopback(chain: AnyChain, { port, token }: LoopbackOptions): Promise<LoopbackServer> {
  let latest = await surveyedRoute(chain, token);
  const hosts = new Set<string>();
  const app = new Hono().use(requireHost(hosts)).all("*", (c) => latest.fetch(c.req.raw));
  const server = await listen(app, port);
  const { port: actualPort } = server.address() as { port: number };
  for (const name of [HOST, "localhost"]) hosts.add(`${name}:${actualPort}`);
  const timer = setInterval(async () => {
    latest = await surveyedRoute(chain, token);
  }, SURVEY_INTERVAL_MS);
  const ended = new Promise<void>((resolve) => server.once("close", resolve)).finally(() => clearInterval(timer));
  return { url: `http://${HOST}:${actualPort}/`, ended, close: () => void server.close() };
}

/** Creates the route of a new resolver, so that nothing stale is held, and asks its stores that need no network. */
async function surveyedRoute(chain: AnyChain, token: string): Promise<HonoApp> {
  const resolver = createResolver(chain);
  await survey(resolver);
  return describeRoute(resolver, { auth: { token } });
}

/** Answers 421 (RFC 9110, section 15.5.20) to any other `Host`, which prevents DNS rebinding. */
function requireHost(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async function loopbackHost(c, next) {
    if (hosts.has(c.req.header("Host") ?? "")) return await next();
    const detail = "Expected this server's own loopback address in the Host header";
    return c.json({ type: "about:blank", title: "Misdirected Request", status: 421, detail }, 421, {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
    });
  };
}

function listen({ fetch }: Hono, port: number): Promise<ServerType> {
  const address = `${HOST}:${port}`;
  // Hint: Deno throws outside of every call that could catch it.
  if (!mayListen(address)) throw new UsageError(`Cannot listen on ${address}: needs --allow-net=${address}`);
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch, port, hostname: HOST }, () => resolve(server));
    server.once("error", (error: Error & { code?: string }) => {
      const reason = error.code === "ERR_ACCESS_DENIED"
        ? "needs --allow-net"
        : `${
          error.code === "EADDRINUSE" ? "the port is in use" : "this process may not use it"
        }: pass another port with --port`;
      reject(new UsageError(`Cannot listen on ${address}: ${reason}`));
    });
  });
}
