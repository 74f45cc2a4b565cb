// workerd: a Worker that asks the objects of `TokenRegister`, of its own script or of another one.
import { type DurableObjectOptions, openObjects } from "../../../../src/share/engines/durable_object.ts";
import { TokenRegister as Registered } from "../../../../src/share/engines/token_register.ts";
import type { ObjectStorage } from "../../../../src/share/engines/token_register.ts";
import type { OpenRegister } from "../../../../src/core/chain/share.ts";
import { createResolver } from "../../../../mod.ts";
import { defineEngine } from "../../../../src/share/define/define_engine.ts";
import { durableObject } from "../../../../src/share/engines/durable_object.ts";
import { engineConformance } from "../../../../src/testing/mod.ts";
import { type SharedLogin, sharedOAuth2Chain } from "../oauth2_chain.ts";

type Namespace = Awaited<ReturnType<DurableObjectOptions["connect"]>>;

/** Shows what an object has stored, beside what the package's class does. */
export class TokenRegister extends Registered {
  readonly #storage: ObjectStorage & { list(): Promise<Map<string, unknown>> };

  constructor(state: { readonly storage: ObjectStorage & { list(): Promise<Map<string, unknown>> } }) {
    super(state);
    this.#storage = state.storage;
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.method === "OPTIONS") return Response.json([...(await this.#storage.list()).keys()]);
    return await super.fetch(request);
  }
}

/** A class that a user might bind by mistake. */
export class Other {
  fetch(): Response {
    return Response.json({ hello: "world" });
  }
}

/** What the chain of this Worker needs. */
type Login = SharedLogin & Readonly<Record<"token_endpoint", string>>;

/** How it shares: by an engine at this URL instead, and with this lease. */
type How = Readonly<Partial<Record<"engine" | "lease", string>>>;

/** One resolver for each way to share. */
const resolvers = new Map<string, ReturnType<typeof resolverOf>>();

const elsewhere = defineEngine({
  kind: "elsewhere",
  open: (_, { url }: { url: string }) => {
    const ask = async () => await (await fetch(url)).json();
    return { get: ask, swap: ask };
  },
});

function shareOf({ engine, lease = "10000" }: How, tokens: Namespace) {
  const options = { seal: "fleet:seal", lease: Number(lease) } as const;
  if (engine !== undefined) return elsewhere({ ...options, url: engine });
  return durableObject({ ...options, connect: () => tokens, timeout: 5_000 });
}

function resolverOf({ token_endpoint: tokenEndpoint, engine, lease, ...values }: Login & How, tokens: Namespace) {
  const share = shareOf({ engine, lease } as How, tokens);
  return createResolver(sharedOAuth2Chain(values, tokenEndpoint, share));
}

/** Kept from one request to the next, as an engine keeps it if that is allowed. */
let kept: Promise<OpenRegister> | undefined;

async function answer({ pathname, searchParams }: URL, tokens: Namespace, others: Namespace): Promise<unknown> {
  const name = searchParams.get("name") ?? "";
  const value = (key: string) => searchParams.get(key) ?? undefined;
  const open = (connect: () => Namespace) => openObjects(undefined, { connect });
  kept ??= open(() => tokens);
  switch (pathname) {
    case "/get":
      return await (await kept).get(name);
    case "/swap":
      return { version: await (await kept).swap(name, value("before"), value("text")!, Number(value("ttl"))) };
    case "/stored": {
      const init = { method: "OPTIONS", body: undefined as never };
      return await (await tokens.get(tokens.idFromName(name)).fetch("https://object/", init)).json();
    }
    case "/conformance": {
      const checks = engineConformance("it", () => open(() => tokens));
      const results = await Promise.allSettled(checks.map(({ run }) => run()));
      const failed = results.flatMap((result) => result.status === "fulfilled" ? [] : [`${result.reason?.message}`]);
      return { failed, passed: checks.length - failed.length };
    }
    case "/token": {
      const how = `${value("engine")} ${value("lease")}`;
      const each = resolvers.get(how) ?? resolverOf(Object.fromEntries(searchParams) as Login, tokens);
      resolvers.set(how, each);
      const end = value("end");
      if (end !== undefined) {
        // Hint: workerd cancels what a request has begun once it was answered.
        each.resolve("polaris:rest").catch(() => {});
        return { ended: (await fetch(end)).status };
      }
      const held = await each.resolve("polaris:rest");
      if (held.get("token") === value("refused")) each.invalidate(held);
      const { trace, ...credential } = await each.resolve("polaris:rest");
      const { share } = each.describe().stores.find(({ name }) => name === "m2m")!;
      return { token: (await each.resolve("polaris:rest")).get("token"), share, trace, source: credential.source };
    }
    case "/measure": {
      const register = await kept;
      const start = Date.now();
      for (let at = 0; at < 300; at++) await register.get(name);
      const between = Date.now();
      let version: unknown;
      for (let at = 0; at < 300; at++) {
        version = await register.swap(name, version, `${at}`.padEnd(2_048, "x"), 60_000);
      }
      return { get: (between - start) / 300, swap: (Date.now() - between) / 300 };
    }
    default: {
      const wrong = { "/other": () => others, "/unbound": () => undefined as never }[pathname]!;
      return await (await open(wrong)).get(name);
    }
  }
}

export default {
  fetch: async (
    request: Request,
    env: { readonly TOKENS: Namespace; readonly OTHERS: Namespace },
  ): Promise<Response> => {
    try {
      return Response.json(await answer(new URL(request.url), env.TOKENS, env.OTHERS));
    } catch (error) {
      const { outcome, detail, message } = error as { outcome?: string; detail?: string; message?: string };
      return Response.json({ outcome, detail, message });
    }
  },
};
