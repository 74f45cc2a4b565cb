import type { AnyChain } from "../core/chain/chain.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { asyncDispose } from "../core/engine/disposable.ts";
import type { Resolver } from "../core/engine/resolver.ts";

/** Uses a resolver of a chain, and closes what it opened, which would otherwise keep the process from ending. */
export async function withResolver<T>(
  chain: AnyChain,
  use: (resolver: Resolver<unknown>) => Promise<T>,
): Promise<T> {
  const resolver = createResolver(chain) as Resolver<unknown>;
  try {
    return await use(resolver);
  } finally {
    await resolver[asyncDispose]();
  }
}
