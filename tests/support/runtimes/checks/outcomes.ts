import { createResolver, defineChain, denied, destination, env, invalid, memory, required } from "../../../../mod.ts";
import { setting, unavailable, variables } from "../../../../mod.ts";
import { scriptedStore, testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSubject, show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const DOCUMENT = { user: "writer", password: "not-a-secret-either" };
const DEFAULT = { user: "root", password: "not-a-secret-at-all" };

/** What follows each answer of a store. */
export const outcomeChecks: Checks = {
  "the store with the highest priority is used, or the next one if it has nothing": async () => {
    const { resolver, upper, clock } = makeSubject();
    expectEqual(show(await resolver.resolve("db:basic")), "env: upper miss, env hit");
    upper.answer = DOCUMENT;
    await clock.advance(1_000);
    const credential = await resolver.resolve("db:basic");
    expectEqual(show(credential), "upper: upper hit");
    expectEqual([credential.get("user"), credential.get("password")], ["writer", "not-a-secret-either"]);
  },

  "the identity comes from one store, never a field from each": async () => {
    const { resolver, upper } = makeSubject();
    upper.answer = { user: "writer" };
    const error = await expectFailure(() => resolver.resolve("db:basic", { default: DEFAULT }));
    expectEqual(showError(error), "CredentialError incomplete: upper incomplete");
    expectEqual((error as { missing: readonly string[] }).missing, ["db.json#password"]);
  },

  "a store that is denied or invalid stops the walk, with or without a default": async () => {
    for (const [refusal, code] of [[denied("sealed"), "denied"], [invalid("not valid JSON"), "invalid"]] as const) {
      const { resolver, upper } = makeSubject();
      upper.answer = refusal;
      const error = await expectFailure(() => resolver.resolve("db:basic", { default: DEFAULT }));
      expectEqual(showError(error), `CredentialError ${code}: upper ${code}`);
      expectEqual(showError(await expectFailure(() => resolver.find("db:basic"))), showError(error));
    }
  },

  "after an outage of a store the next one is asked, and the credential is degraded": async () => {
    const { resolver, upper, host } = makeSubject();
    upper.answer = unavailable("HTTP 503");
    expectEqual(show(await resolver.resolve("db:basic")), "env degraded: upper unavailable, env hit");
    expectEqual(host.events.map(({ type }) => type), ["walk", "degraded"]);
  },

  "during an outage a caller's default is used only if the chain allows it explicitly": async () => {
    const outage = makeSubject({ host: { env: {} } });
    outage.upper.answer = unavailable("HTTP 503");
    const error = await expectFailure(() => outage.resolver.resolve("db:basic", { default: DEFAULT }));
    expectEqual(showError(error), "CredentialError unavailable: upper unavailable, env miss");

    const allowed = makeSubject({ host: { env: {} }, store: { onUnavailable: "next" } });
    allowed.upper.answer = unavailable("HTTP 503");
    const credential = await allowed.resolver.resolve("db:basic", { default: DEFAULT });
    expectEqual(show(credential), "default degraded: upper unavailable, env miss");
  },

  'with onDenied: "next" the next store is asked after a denial': async () => {
    const { resolver, upper } = makeSubject({ store: { onDenied: "next" } });
    upper.answer = denied("sealed");
    expectEqual(show(await resolver.resolve("db:basic")), "env degraded: upper denied, env hit");
  },

  "a caller's default is used if no store has the credential, and is the same object each time": async () => {
    const { resolver } = makeSubject({ host: { env: {} } });
    const credential = await resolver.resolve("db:basic", { default: DEFAULT });
    expectEqual(show(credential), "default: upper miss, env miss");
    expectEqual(credential.get("user"), "root");
    expect(credential === await resolver.resolve("db:basic", { default: DEFAULT }), "Expected the same object");
    expectEqual(await resolver.find("db:basic"), undefined);
  },

  "a chain can forbid defaults": async () => {
    const { resolver } = makeSubject({ host: { env: {} }, defaults: "forbid" });
    const error = await expectFailure(() => resolver.resolve("db:basic", { default: DEFAULT }));
    expectEqual(showError(error), "CredentialError default_forbidden: upper miss, env miss");
  },

  "the error for a credential that no store has lists the names that would supply it": async () => {
    const { resolver } = makeSubject({ host: { env: { DB_USER: " " } } });
    const error = await expectFailure(() => resolver.resolve("db:basic")) as { message: string; missing: unknown };
    expectEqual(showError(error), "CredentialError not_found: upper miss, env miss");
    expectEqual(error.missing, ["db.json#user", "db.json#password", "DB_USER", "DB_PASSWORD"]);
    expect(error instanceof Error, "Expected an Error of this realm");
    expect(error.message.startsWith('Cannot resolve "db:basic": no store has it'), error.message);
  },

  "the error for an unknown key lists the chain's keys": async () => {
    const { resolver } = makeSubject();
    const error = await expectFailure(() => resolver.resolve("db:other" as "db:basic")) as Error;
    expectEqual(showError(error), "CredentialError unknown_key: ");
    expect(error.message.includes("db:basic"), error.message);
  },

  "the error for a store that throws does not quote the thrown error": async () => {
    const { resolver, upper } = makeSubject();
    upper.answer = new Error("not-a-secret in a message");
    const error = await expectFailure(() => resolver.resolve("db:basic")) as Error;
    expectEqual(showError(error), "CredentialError invalid: upper invalid");
    expect(!error.message.includes("not-a-secret"), error.message);
  },

  "a destination never comes from another store that it does not name, so that no secret is sent there": async () => {
    const values = { KEY: "fake-key", URL: "https://trusted.example/", REGION: "here" };
    const script = scriptedStore({ shape: variables, answers: { address: "https://elsewhere.example/" } });
    const chain = defineChain({
      stores: {
        other: script.store({ priority: 300 }),
        memory: memory({ priority: 200, values }),
        env: env({ priority: 100 }),
      },
      credentials: {
        "s3:key": {
          fields: { key: required(), address: destination({ from: ["env"] }), region: setting({ default: "there" }) },
          from: {
            other: { fields: { address: "address" } },
            memory: { fields: { key: "KEY" } },
            env: { fields: { address: "ADDRESS", region: "S3_REGION" } },
          },
        },
      },
    });
    const without = await createResolver(chain, testHost()).resolve("s3:key");
    expectEqual([without.get("address"), without.get("region")], [undefined, "there"]);
    const host = testHost({ env: { ADDRESS: "https://trusted.example/", S3_REGION: "elsewhere" } });
    const named = await createResolver(chain, host).resolve("s3:key");
    expectEqual([named.get("address"), named.sourceOf("address")], ["https://trusted.example/", "env"]);
    expectEqual([named.get("region"), named.sourceOf("region")], ["elsewhere", "env"]);
    expectEqual([named.source, named.sourceOf("key")], ["memory", "memory"]);
  },
};
