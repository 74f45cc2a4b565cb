import { createResolver, defineChain, env, fromEnv, required } from "../../../../mod.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const chain = defineChain({
  stores: { env: env({ priority: 100 }) },
  credentials: {
    "db:basic": { fields: { user: required(), password: required() }, from: { env: { prefix: "DB_" } } },
    "db:odd": { fields: { user: required() }, from: { env: { fields: { user: ["constructor", "toString"] } } } },
  },
});

/** What a host's record of variables may hold, a Worker's bindings among it. */
export const bindingChecks: Checks = {
  "a Worker's env is a host's: texts and Secrets Store bindings are read, whatever else is in it": async () => {
    const asked: string[] = [];
    const secret = { get: () => Promise.resolve("not-a-secret").finally(() => asked.push("DB_PASSWORD")) };
    const bindings = { DB_USER: "worker", DB_PASSWORD: secret, ASSETS: { fetch: () => {} }, COUNT: 3 };
    const resolver = createResolver(chain, { env: bindings });
    const credential = await resolver.resolve("db:basic");
    expectEqual([credential.get("user"), credential.get("password")], ["worker", "not-a-secret"]);
    expect(await resolver.resolve("db:basic") === credential, "Expected the same object");
    expectEqual(asked.length, 1);
  },

  "a Secrets Store that does not answer is an outage, and neither a miss nor a message of its own": async () => {
    const failing = { get: () => Promise.reject(new Error("not-a-secret in a message")) };
    const resolver = createResolver(chain, { env: { DB_USER: "worker", DB_PASSWORD: failing } });
    const error = await expectFailure(() =>
      resolver.resolve("db:basic", { default: { user: "root", password: "not-a-secret" } })
    ) as Error;
    expectEqual(showError(error), "CredentialError unavailable: env unavailable");
    expect(error.message.includes("DB_PASSWORD") && !error.message.includes("not-a-secret"), error.message);
  },

  "a binding that is no text is told by its name": async () => {
    const resolver = createResolver(chain, { env: { DB_USER: "worker", DB_PASSWORD: { fetch: () => {} } } });
    const error = await expectFailure(() => resolver.resolve("db:basic")) as Error;
    expectEqual(showError(error), "CredentialError invalid: env invalid");
    expect(error.message.includes("DB_PASSWORD is not text"), error.message);
  },

  "a name that every object has is no variable": async () => {
    for (const host of [{ env: {} }, {}]) expectEqual(await createResolver(chain, host).find("db:odd"), undefined);
  },

  "a host may read variables by a function": async () => {
    const resolver = createResolver(chain, { env: (name) => `value of ${name}` });
    expectEqual((await resolver.resolve("db:basic")).get("user"), "value of DB_USER");
  },

  "an option that refers to a binding which answers later says so": () => {
    const later = { get: () => Promise.reject(new Error("not handled")) };
    const referring = defineChain({
      stores: { env: env({ priority: 100, ...{ other: fromEnv("LATER") } }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
    });
    const [store] = createResolver(referring, testHost({ env: { LATER: later } })).describe().stores;
    expectEqual([store!.state, store!.reason], ["invalid", "LATER is not text that can be read synchronously"]);
  },
};

/**
 * Checks of the runtime's own variables.
 *
 * @param bindings What the runtime gave the program, where it gives it in words, as workerd does.
 * @returns The checks.
 */
export function runtimeChecks(bindings?: Readonly<Record<string, unknown>>): Checks {
  return {
    "the runtime's own variables are what a chain reads unless its caller says otherwise": async () => {
      const own = defineChain({
        stores: { env: env({ priority: 100 }) },
        credentials: { "checks:variable": { fields: { variable: required() }, from: { env: { prefix: "CHECKS_" } } } },
      });
      const host = bindings === undefined ? {} : { env: bindings };
      const given = { default: { variable: "of the caller" } };
      const credential = await createResolver(own, host).resolve("checks:variable", given);
      const expected = hasVariables() || bindings ? "env: env hit" : "default: env miss";
      expectEqual(show(credential), expected);
      expectEqual(credential.get("variable"), expected.startsWith("env") ? "from the runtime" : "of the caller");
    },
  };
}

/**
 * Checks of the bindings that workerd alone has.
 *
 * @param bindings The Worker's `env`.
 * @returns The checks.
 */
export function workerChecks(bindings: Readonly<Record<string, unknown>>): Checks {
  const secrets = defineChain({
    stores: { env: env({ priority: 100 }) },
    credentials: {
      "checks:secret": { fields: { secret: required() }, from: { env: { prefix: "CHECKS_" } } },
      "checks:sealed": { fields: { sealed: required() }, from: { env: { prefix: "CHECKS_" } } },
    },
  });
  return {
    "a Secrets Store's binding is read by its remote call": async () => {
      const credential = await createResolver(secrets, { env: bindings }).resolve("checks:secret");
      expectEqual([credential.get("secret"), credential.source], ["from a Secrets Store", "env"]);
    },

    "a Secrets Store's binding that fails is an outage, without the message that it failed with": async () => {
      const error = await expectFailure(() => createResolver(secrets, { env: bindings }).resolve("checks:sealed"));
      expectEqual(showError(error), "CredentialError unavailable: env unavailable");
      expect(!(error as Error).message.includes("not-a-secret"), (error as Error).message);
    },
  };
}

// Hint: the edge runtime by itself has no environment; Vercel adds one.
function hasVariables(): boolean {
  return "Deno" in globalThis || (globalThis as { process?: { env?: unknown } }).process?.env !== undefined;
}
