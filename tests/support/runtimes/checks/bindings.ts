import { createResolver, defineChain, env, file, fromEnv, required } from "../../../../mod.ts";
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

/** The values in a host's record of variables, including a Worker's bindings. */
export const bindingChecks: Checks = {
  "strings and Secrets Store bindings are read from a Worker's env, whatever else is in it": async () => {
    const asked: string[] = [];
    const secret = { get: () => Promise.resolve("not-a-secret").finally(() => asked.push("DB_PASSWORD")) };
    const bindings = { DB_USER: "worker", DB_PASSWORD: secret, ASSETS: { fetch: () => {} }, COUNT: 3 };
    const resolver = createResolver(chain, { env: bindings });
    const credential = await resolver.resolve("db:basic");
    expectEqual([credential.get("user"), credential.get("password")], ["worker", "not-a-secret"]);
    expect(await resolver.resolve("db:basic") === credential, "Expected the same object");
    expectEqual(asked.length, 1);
  },

  "a Secrets Store that fails is an outage, not a miss, and the error does not quote it": async () => {
    const failing = { get: () => Promise.reject(new Error("not-a-secret in a message")) };
    const resolver = createResolver(chain, { env: { DB_USER: "worker", DB_PASSWORD: failing } });
    const error = await expectFailure(() =>
      resolver.resolve("db:basic", { default: { user: "root", password: "not-a-secret" } })
    ) as Error;
    expectEqual(showError(error), "CredentialError unavailable: env unavailable");
    expect(error.message.includes("DB_PASSWORD") && !error.message.includes("not-a-secret"), error.message);
  },

  "the error for a binding that is not text names the binding": async () => {
    const resolver = createResolver(chain, { env: { DB_USER: "worker", DB_PASSWORD: { fetch: () => {} } } });
    const error = await expectFailure(() => resolver.resolve("db:basic")) as Error;
    expectEqual(showError(error), "CredentialError invalid: env invalid");
    expect(error.message.includes("DB_PASSWORD is not text"), error.message);
  },

  "an inherited property of an object is not a variable": async () => {
    for (const host of [{ env: {} }, {}]) expectEqual(await createResolver(chain, host).find("db:odd"), undefined);
  },

  "a host may be a function that reads variables": async () => {
    const resolver = createResolver(chain, { env: (name) => `value of ${name}` });
    expectEqual((await resolver.resolve("db:basic")).get("user"), "value of DB_USER");
  },

  "an option that refers to an asynchronous binding is reported": () => {
    const later = { get: () => Promise.reject(new Error("not handled")) };
    const referring = defineChain({
      stores: { file: file({ priority: 100, directory: fromEnv("LATER") }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { file: "db.json" } } },
    });
    const [store] = createResolver(referring, testHost({ env: { LATER: later } })).describe().stores;
    expectEqual([store!.state, store!.reason], ["invalid", "LATER is not text that can be read synchronously"]);
  },
};

/**
 * Creates the checks of the runtime's own variables.
 *
 * @param bindings The bindings, on a runtime such as workerd that passes them to the program.
 * @returns The checks.
 */
export function runtimeChecks(bindings?: Readonly<Record<string, unknown>>): Checks {
  return {
    "a resolver reads the runtime's own variables unless its host has others": async () => {
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
 * Creates the checks of the bindings that only workerd has.
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
    "a Secrets Store binding is read by its remote call": async () => {
      const credential = await createResolver(secrets, { env: bindings }).resolve("checks:secret");
      expectEqual([credential.get("secret"), credential.source], ["from a Secrets Store", "env"]);
    },

    "a Secrets Store binding that fails is an outage, and the error does not quote it": async () => {
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
