import { serve, type ServerType } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { type AnyChain, INSIDES, type Insides, insides } from "../insides.ts";
import { survey } from "../report/survey.ts";
import { createResolver, type Resolver } from "../resolver.ts";
import { describeRoute } from "../route/describe_route.ts";
import { Misuse } from "./command.ts";

/** How often the stores that need no network are asked anew, in milliseconds. */
const INTERVAL = 5_000;
const HOST = "127.0.0.1";

/** How a chain is served. */
export interface LoopbackOptions {
  /** Where it listens; 0 for any port that is free. */
  readonly port: number;
  /** What opens it. */
  readonly token: string;
}

/** A server that shows a chain. */
export interface LoopbackServer {
  /** Where it is. */
  readonly url: string;
  /** Settles when it no longer listens. */
  readonly ended: Promise<void>;
  /** Ends it. */
  close(): void;
}

/**
 * Serves the describe route to this machine alone.
 *
 * @param chain What is shown.
 * @param options Where, and to whom.
 * @returns The server, once it listens.
 * @throws {Misuse} Where it can't listen.
 */
export async function serveOnLoopback(chain: AnyChain, { port, token }: LoopbackOptions): Promise<LoopbackServer> {
  let latest = await look(chain);
  const own = new Set<string>();
  const app = new Hono().use(onlyFor(own)).route("/", describeRoute(following(() => latest), { auth: { token } }));
  const server = await listen(app, port);
  const { port: given } = server.address() as { port: number };
  for (const name of [HOST, "localhost"]) own.add(`${name}:${given}`);
  const timer = setInterval(async () => {
    latest = await look(chain);
  }, INTERVAL);
  const ended = new Promise<void>((resolve) => server.once("close", resolve)).finally(() => clearInterval(timer));
  return { url: `http://${HOST}:${given}/`, ended, close: () => void server.close() };
}

/** A resolver that has asked the stores which need no network; a new one, so that it holds nothing that has gone. */
async function look(chain: AnyChain): Promise<Resolver> {
  const resolver = createResolver(chain);
  await survey(resolver);
  return resolver;
}

/** What the route reads of a resolver, of whichever is the latest. */
function following(latest: () => Resolver): Resolver {
  const read: Pick<Resolver, "describe" | "peek"> & { [INSIDES](): Insides } = {
    describe: () => latest().describe(),
    peek: (key) => latest().peek(key),
    [INSIDES]: () => insides(latest()),
  };
  return read as unknown as Resolver;
}

/** A name that somebody else's page made lead here, by DNS, is not this server's own (RFC 9110, section 15.5.20). */
function onlyFor(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async function loopbackHost(c, next) {
    if (hosts.has(c.req.header("Host") ?? "")) return await next();
    const detail = "This server answers at its own loopback address only";
    return c.json({ type: "about:blank", title: "Misdirected Request", status: 421, detail }, 421, {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
    });
  };
}

function listen({ fetch }: Hono, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch, port, hostname: HOST }, () => resolve(server));
    server.once("error", (error: Error & { code?: string }) => {
      const taken = error.code === "EADDRINUSE" ? "something else does: name another port with --port" : "not allowed";
      reject(new Misuse(`Cannot listen on ${HOST}:${port}: ${taken}`));
    });
  });
}
