import { createResolver, defineChain, env, required, type Resolver } from "../../../../mod.ts";
import { describeRoute } from "../../../../src/route/mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import type { Checks } from "../table.ts";

const TOKEN = "obviously-fake.token";
const BEARER = { Authorization: `Bearer ${TOKEN}` };

function makeRoute() {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: {
      "db:basic": { fields: { user: required(), password: required() }, from: { env: { prefix: "DB_" } } },
      "ops:describe": { fields: { token: required() }, from: { env: { prefix: "OPS_" } } },
    },
  });
  const password = makeSecret("route");
  const host = testHost({ env: { DB_USER: "reader", OPS_TOKEN: TOKEN } });
  return { resolver: createResolver(chain, host), host, password };
}

async function get(
  app: { request(path: string, init: RequestInit): Response | Promise<Response> },
  path: string,
  headers: Record<string, string> = BEARER,
): Promise<{ status: number; type: string; text: string }> {
  const answer = await app.request(path, { headers });
  return { status: answer.status, type: answer.headers.get("Content-Type") ?? "", text: await answer.text() };
}

/** The describe route, without a server. */
export const routeChecks: Checks = {
  "the describe route answers machines, browsers and probes, but requires the token": async () => {
    const { resolver, host, password } = makeRoute();
    const app = describeRoute(resolver, { auth: { token: TOKEN }, needed: ["db:basic"] });
    expectEqual((await get(app, "/", {})).status, 401);
    expectEqual((await get(app, "/", { Authorization: "Bearer wrong" })).status, 401);
    expectEqual((await get(app, "/live", {})).status, 200);
    expectEqual((await get(app, "/ready", {})).status, 503);
    host.env.DB_PASSWORD = password;
    await host.clock.advance(1_000);
    expectEqual((await get(app, "/ready", {})).status, 200);
    const described = await get(app, "/");
    expectEqual(described.text, JSON.stringify(resolver.describe()));
    const page = await get(app, "/db/basic", { ...BEARER, Accept: "text/html" });
    expectEqual([page.status, page.type], [200, "text/html; charset=UTF-8"]);
    expect(/ok<\/span>\s*<b>env<\/b>/.test(page.text), "Expected the page to say which source is in use");
    expect(!page.text.includes(password), "Expected no value on the page");
    expectEqual((await get(app, "/schema")).type, "application/schema+json");
    expectEqual((await get(app, "/db/other")).type, "application/problem+json");
    const basic = { Authorization: `Basic ${btoa(`me:${TOKEN}`)}` };
    expectEqual((await get(app, "/", basic)).status, 200);
  },

  "a describe route whose token is a credential accepts it from the first request on": async () => {
    const resolver: Resolver<never> = makeRoute().resolver as never;
    const app = describeRoute(resolver, { auth: { credential: "ops:describe" as never } });
    const answers = await Promise.all([get(app, "/"), get(app, "/"), get(app, "/", { Authorization: "Bearer x" })]);
    expectEqual(answers.map(({ status }) => status), [200, 200, 401]);
  },
};
