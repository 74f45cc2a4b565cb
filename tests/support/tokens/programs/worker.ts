// For workerd: a Worker whose requests share one resolver, as in production.
import { createResolver, defineChain, env, required } from "../../../../mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2/oauth2.ts";
import { endToEnd } from "./end_to_end.ts";

interface Bindings {
  readonly TOKEN_URL: string;
  readonly M2M_CLIENT_ID: string;
  readonly M2M_CLIENT_SECRET: string;
  /** Whether the clock stops between I/O, as it does in production. */
  readonly STILL: string;
}

interface RequestContext {
  waitUntil(promise: Promise<unknown>): void;
}

const fields = { client_id: required(), client_secret: required() };
let now = 0;
let shared: ReturnType<typeof resolverOf> | undefined;

function resolverOf(bindings: Bindings) {
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, tokenEndpoint: bindings.TOKEN_URL, client: "m2m:client" }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "m2m:client": { fields, from: { env: { prefix: "M2M_" } } },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
    },
  });
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const clock = bindings.STILL === "true" ? { clock: { now: () => now, after } } : {};
  return createResolver(chain, { env: { ...bindings }, ...clock });
}

async function answer(request: Request, bindings: Bindings, context: RequestContext): Promise<Response> {
  now = Date.now();
  const { pathname } = new URL(request.url);
  if (pathname === "/end-to-end") return Response.json(await endToEnd(await request.json()));
  const resolver = shared ??= resolverOf(bindings);
  if (pathname === "/begin-and-end") {
    resolver.resolve("polaris:rest").catch(() => {});
    // The runtime drops what has not been sent when the request ends.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return new Response("ended");
  }
  if (pathname === "/begin-and-wait") {
    resolver.resolve("polaris:rest", { waitUntil: (promise) => context.waitUntil(promise) }).catch(() => {});
    return new Response("ended");
  }
  return new Response((await resolver.resolve("polaris:rest")).get("token"));
}

export default {
  fetch: (request: Request, bindings: Bindings, context: RequestContext): Promise<Response> =>
    answer(request, bindings, context).catch((error) => new Response(String(error), { status: 500 })),
};
