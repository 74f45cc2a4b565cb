import { createResolver, type Host, optional, required, type Resolver, type Stores, variables } from "../../../mod.ts";
import { scriptedStore } from "../../../src/testing/mod.ts";

/** Creates a resolver of `db:login`, a user, a word and perhaps a note: from one store, and below it from a seed. */
export function loginResolver(upper: Stores[string], prefix: string, host: Host): Resolver {
  const seed = { user: "lower", word: "lower", note: "lower" };
  const lower = scriptedStore({ shape: variables, answers: seed }).store({ priority: 1 });
  return createResolver(
    {
      stores: { upper, lower },
      credentials: {
        "db:login": {
          fields: { user: required(), word: required(), note: optional() },
          from: { upper: { prefix }, lower: { prefix: "" } },
        },
      },
    } as never,
    host,
  ) as Resolver;
}

/** The fields of `db:login`. */
export const FIELDS = ["user", "word", "note"] as const;
