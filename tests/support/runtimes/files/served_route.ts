import { serve } from "@hono/node-server";
import { createResolver, defineChain, env, required } from "../../../../mod.ts";
import { describeRoute } from "../../../../src/route/mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";

/** The describe route, on a real socket. */
export const servedRouteChecks: Checks = {
  "the describe route works on the server that the command line uses": async () => {
    const chain = defineChain({
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { password: required() }, from: { env: { prefix: "DB_" } } } },
    });
    const resolver = createResolver(chain, testHost());
    const app = describeRoute(resolver, { auth: { token: "obviously-fake" } });
    const port = await new Promise<number>((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => resolve(info.port));
      server.unref();
    });
    const url = `http://127.0.0.1:${port}/`;
    const ask = async (init: RequestInit) => {
      const answer = await fetch(url, init);
      return [answer.status, await answer.text()];
    };
    const headers = { Authorization: "Bearer obviously-fake", Connection: "close" };
    expectEqual(await ask({ headers }), [200, JSON.stringify(resolver.describe())]);
    expectEqual(await ask({ method: "HEAD", headers }), [200, ""]);
    expectEqual((await ask({ method: "POST", headers, body: "x" }))[0], 405);
    expectEqual((await ask({ headers: { Connection: "close" } }))[0], 401);
  },
};
