import {
  createResolver,
  defineChain,
  defineStore,
  env,
  flag,
  fromEnv,
  getResolver,
  memory,
  required,
  resetResolver,
  variables,
} from "../../../../mod.ts";
import { scriptedStore, testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSubject } from "../subject.ts";
import type { Checks } from "../table.ts";

/** Declaring, compiling and describing a chain. */
export const chainChecks: Checks = {
  "one error lists every mistake in a chain, each with its place": async () => {
    const chain = {
      stores: { env: env({ priority: 100 }), memory: memory({ priority: 100 }), no: {} },
      credentials: {
        "db:basic": { fields: { user: required() }, from: { vault: { prefix: "" } } },
        nothing: { fields: {}, from: {} },
      },
    };
    const error = await expectFailure(() => createResolver(chain as never)) as {
      name: string;
      problems: readonly { path: string; message: string }[];
    };
    expectEqual(error.name, "ChainError");
    expectEqual(error.problems.map(({ path }) => path), [
      "stores.memory.priority",
      "stores.no",
      'credentials["db:basic"].from.vault',
      'credentials["nothing"]',
      'credentials["nothing"].fields',
      'credentials["nothing"].from',
    ]);
    expect(error.problems[2]!.message.includes('Cannot find a store named "vault"'), error.problems[2]!.message);
  },

  "a store does not find an option by inheritance, where JSON gave its options": async () => {
    const own = defineStore({
      kind: "own",
      shape: variables,
      open: ({ url }: { url?: string }) => () => url ?? "its own",
    });
    const options = JSON.parse('{"priority":1,"__proto__":{"url":"inherited"}}');
    const chain = defineChain({
      stores: { own: own(options) },
      credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
    });
    expectEqual((await createResolver(chain, testHost()).resolve("db:basic")).get("user"), "its own");
  },

  "declaring and compiling a chain reads nothing, and describing it asks no store": () => {
    const script = scriptedStore({ shape: variables });
    const read: string[] = [];
    const variable = (name: string) => void read.push(name);
    const chain = defineChain({
      stores: {
        own: script.store({ priority: 200, enabled: flag("OWN_ENABLED") }),
        env: env({ priority: 100 }),
      },
      credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" }, env: { prefix: "" } } } },
    });
    const resolver = createResolver(chain, { env: variable });
    expectEqual([read.length, script.opened], [0, 0]);
    const { stores } = resolver.describe();
    expectEqual(stores.map(({ name, state }) => `${name} ${state}`), ["own off", "env on"]);
    expectEqual(stores[0]!.reason, "set OWN_ENABLED to true");
    expectEqual([new Set(read).size, script.asked.length], [1, 0]);
  },

  "describe() shows the variable of an option and whether it is set, but not its value": async () => {
    const host = testHost({ env: { NAME: "somewhere" } });
    const script = scriptedStore({ shape: variables });
    const store = script.store as unknown as (options: object) => ReturnType<typeof script.store>;
    const chain = defineChain({
      stores: {
        set: store({ priority: 200, url: fromEnv("NAME") }),
        unset: store({ priority: 100, url: fromEnv("OTHER_NAME") }),
      },
      credentials: { "db:basic": { fields: { user: required() }, from: { unset: { prefix: "" } } } },
    });
    const resolver = createResolver(chain, host);
    const [set, unset] = resolver.describe().stores;
    expectEqual(set!.references, [{ option: "url", variable: "NAME", set: true }]);
    expectEqual([unset!.state, unset!.reason], ["invalid", "OTHER_NAME is not set"]);
    expect(!JSON.stringify(resolver.describe()).includes("somewhere"), "Expected no value in a description");
    const error = await expectFailure(() => resolver.resolve("db:basic")) as Error;
    expect(error.message.includes("OTHER_NAME is not set"), error.message);
  },

  "describe() returns the held credential and the last walk as plain JSON": async () => {
    const { resolver } = makeSubject();
    await resolver.resolve("db:basic");
    const description = resolver.describe();
    expectEqual(JSON.parse(JSON.stringify(description)), description);
    const { held, last } = description.credentials[0]!;
    expectEqual(held, {
      source: "env",
      fields: { user: "env", password: "env" },
      degraded: false,
      generation: 1,
      resolvedAt: "2026-01-01T00:00:00.000Z",
    });
    expectEqual(last!.trace.map(({ role }) => role), ["passed", "winner"]);
  },

  "getResolver() returns one resolver for each chain, until it is reset": async () => {
    const { chain, host } = makeSubject();
    const resolver = getResolver(chain, host);
    try {
      expect(getResolver(chain) === resolver, "Expected the same resolver");
      expectEqual((await getResolver(chain).resolve("db:basic")).get("user"), "reader");
    } finally {
      resetResolver(chain);
    }
    expect(getResolver(chain, host) !== resolver, "Expected another resolver");
    resetResolver(chain);
  },
};
