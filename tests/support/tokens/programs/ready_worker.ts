// For workerd: a Worker whose requests share one resolver and its describe route, as in production.
import { createResolver, defineChain, env, required } from "../../../../mod.ts";
import { describeRoute } from "../../../../src/route/mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2/oauth2.ts";

let shared: ReturnType<typeof routeOf> | undefined;

function routeOf({ TOKEN_URL: tokenEndpoint = "", ...bindings }: Record<string, string>) {
  const chain = defineChain({
    stores: { m2m: oauth2({ priority: 2, tokenEndpoint, client: "m2m:client" }), env: env({ priority: 1 }) },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { env: { prefix: "M2M_" } },
      },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
    },
  });
  const resolver = createResolver(chain, { env: bindings });
  return describeRoute(resolver, { auth: { token: "fake" }, needed: ["polaris:rest"] });
}

export default {
  fetch: (request: Request, bindings: Record<string, string>, context: never): Response | Promise<Response> =>
    (shared ??= routeOf(bindings)).fetch(request, bindings, context),
};
