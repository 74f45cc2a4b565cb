import { Hono } from "hono";
import { createResolver, type Host, type Resolver } from "../../../mod.ts";
import { describeRoute } from "../../../src/route/mod.ts";
import type { OidcProvider } from "../servers/oidc_provider.ts";
import { m2mChain } from "../tokens/m2m_chain.ts";

/** What `GET` of a path was answered with, and when. */
export interface Answer {
  readonly status: number;
  /** How long that took on the clock of the pod, in milliseconds. */
  readonly ms: number;
}

/** A request to a pod that has arrived there. */
export interface Sent {
  /** Returns its answer; `undefined` if there is none yet, since the client then gives up. */
  end(): Promise<Answer | undefined>;
}

/** A service on a socket that needs a token, has a describe route, and no request of its own. */
export class Pod implements AsyncDisposable {
  readonly resolver: Resolver;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #now: () => number;
  readonly #requests = new Map<string, { readonly enter: () => void; leftAt?: number }>();

  constructor({ tokenEndpoint, clients }: OidcProvider, host: Host, now: () => number) {
    const { clientId, clientSecret } = clients.basic;
    const resolver = createResolver(m2mChain(clientId, clientSecret, { tokenEndpoint }), host);
    const app = new Hono();
    app.route("/credentials", describeRoute(resolver, { auth: { token: "fake" }, needed: ["polaris:rest"] }));
    this.resolver = resolver as unknown as Resolver;
    this.#now = now;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const entry = this.#requests.get(request.headers.get("X-Request") ?? "");
      entry?.enter();
      const answer = await app.fetch(request);
      if (entry) entry.leftAt = this.#now();
      return answer;
    });
  }

  /** The address of its server. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Sends `GET` of a path, and returns once it has arrived. */
  async send(path: string): Promise<Sent> {
    const id = crypto.randomUUID();
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const entry: { readonly enter: () => void; leftAt?: number } = { enter };
    this.#requests.set(id, entry);
    const began = this.#now();
    const controller = new AbortController();
    const sent = fetch(`${this.url}${path}`, { headers: { "X-Request": id }, signal: controller.signal });
    await Promise.race([entered, sent]);
    return {
      end: async () => {
        this.#requests.delete(id);
        if (entry.leftAt === undefined) controller.abort();
        const answer = await sent.catch(() => undefined);
        await answer?.body?.cancel();
        return answer && { status: answer.status, ms: entry.leftAt! - began };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.resolver[Symbol.asyncDispose]();
  }
}
