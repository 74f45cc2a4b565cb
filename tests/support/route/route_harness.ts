import { Hono } from "hono";
import { createResolver, defineChain, env, type Host, required, type Resolver, variables } from "../../../mod.ts";
import { describeRoute, type DescribeRouteOptions } from "../../../src/route/mod.ts";
import { type ScriptedStore, scriptedStore, type TestHost, testHost } from "../../../src/testing/mod.ts";

/** The token that the routes of the tests accept. */
export const TOKEN = "obviously-fake.token";

/** The credentials of the chain that most tests use. */
export type TestCredentials = {
  "db:basic": { user: ReturnType<typeof required>; password: ReturnType<typeof required> };
  "ops:describe": { token: ReturnType<typeof required> };
};

/** A resolver over a scripted store, and its host. */
export interface Harness {
  readonly resolver: Resolver<TestCredentials>;
  readonly store: ScriptedStore<"variables">;
  readonly host: TestHost;
  /** Mounts a describe route at `/credentials`. */
  mount(options: DescribeRouteOptions<TestCredentials>): Hono;
}

/** Creates a resolver of a chain with a scripted store above the environment. */
export function harness(host: TestHost = testHost({ env: { OPS_TOKEN: TOKEN } })): Harness {
  const store = scriptedStore({ shape: variables, answers: { db_user: "reader", db_password: "not-a-secret" } });
  const chain = defineChain({
    stores: { own: store.store({ priority: 200 }), env: env({ priority: 100 }) },
    credentials: {
      "db:basic": { fields: { user: required(), password: required() }, from: { own: { prefix: "db_" } } },
      "ops:describe": {
        fields: { token: required() },
        from: { own: { prefix: "ops_" }, env: { prefix: "OPS_" } },
      },
    },
  });
  const resolver = createResolver(chain, host as Host);
  return { resolver, store, host, mount: (options) => mount(resolver, options) };
}

/** Mounts a describe route at `/credentials`. */
export function mount<C>(resolver: Resolver<C>, options: DescribeRouteOptions<C>): Hono {
  return new Hono().route("/credentials", describeRoute(resolver, options));
}

/** The headers of a request with a bearer token. */
export function bearer(token: string = TOKEN): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } };
}

/** The headers of a request with HTTP Basic. */
export function basic(password: string, user = "anybody"): { headers: Record<string, string> } {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { headers: { Authorization: `Basic ${bytes.toBase64()}` } };
}
