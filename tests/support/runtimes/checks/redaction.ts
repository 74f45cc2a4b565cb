import {
  createResolver,
  type Credential,
  defineChain,
  document,
  env,
  memory,
  required,
  type StandardSchema,
  token,
} from "../../../../mod.ts";
import { scriptedStore, testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import type { Checks } from "../table.ts";
import { routesOut } from "./routes_out.ts";

const fields = { user: required(), password: required() };

/** Creates a chain whose stores have only secrets, in each shape, and fail in every way. */
function makeSecrets() {
  const secret = makeSecret("password");
  const bearer = makeSecret("token");
  const host = testHost({ env: { DB_USER: secret, DB_PASSWORD: secret } });
  const documents = scriptedStore({
    shape: document,
    answers: {
      "whole.json": { user: secret, password: { deep: secret }, [secret]: secret },
      "partial.json": { user: secret },
    },
  });
  const tokens = scriptedStore({ shape: token, answer: { values: { access_token: bearer, [secret]: secret } } });
  const quoting = (what: string): Error => new Error(`${what}: ${secret}`, { cause: { secret } });
  const failing = scriptedStore({ shape: document, answers: { "thrown.json": quoting("thrown") } });
  failing.answers["rejected.json"] = () => Promise.reject(quoting("rejected"));
  const throws: StandardSchema<string, string> = {
    "~standard": {
      version: 1,
      vendor: "checks",
      validate: (value) => {
        throw quoting(String(value));
      },
    },
  };
  const chain = defineChain({
    stores: {
      tokens: tokens.store({ priority: 400 }),
      documents: documents.store({ priority: 300 }),
      failing: failing.store({ priority: 200 }),
      memory: memory({ priority: 150, values: { user: secret, password: secret } }),
      env: env({ priority: 100 }),
    },
    credentials: {
      "db:basic": { fields, from: { env: { prefix: "DB_" } } },
      "db:memory": { fields, from: { memory: { prefix: "" } } },
      "api:token": {
        fields: { token: required() },
        from: { tokens: { fields: { token: "access_token" } } },
      },
      "db:not-text": { fields, from: { documents: "whole.json" } },
      "db:partial": { fields, from: { documents: "partial.json", env: { prefix: "DB_" } } },
      "db:thrown": { fields, from: { failing: "thrown.json" } },
      "db:rejected": { fields, from: { failing: "rejected.json" } },
      "db:schema": { fields: { user: required(throws) }, from: { env: { prefix: "DB_" } } },
      "db:none": { fields, from: { memory: { fields: { user: "no_user", password: "no_password" } } } },
    },
  });
  const given = { user: secret, password: secret };
  return { secrets: [secret, bearer], chain, host, given, resolver: createResolver(chain, host) };
}

type Subject = ReturnType<typeof makeSecrets>;

/** Creates every kind of object that a program may get from the package. */
async function objectsOf({ resolver, chain, host, given }: Subject): Promise<Readonly<Record<string, object>>> {
  const failed = ["db:not-text", "db:partial", "db:thrown", "db:rejected", "db:schema", "db:none"] as const;
  const found: Record<string, object> = {
    "a credential": await resolver.resolve("db:basic"),
    "a credential from memory": await resolver.resolve("db:memory"),
    "a token": await resolver.resolve("api:token"),
    "a default": await resolver.resolve("db:none", { default: given }),
  };
  for (const key of failed) found[`the error of ${key}`] = await expectFailure(() => resolver.resolve(key)) as object;
  found["the error of a name"] = await expectFailure(() => (found["a token"] as Credential).get("other")) as object;
  const chainError = () => createResolver({ ...chain, stores: { ...chain.stores, other: memory({ priority: 100 }) } });
  found["the error of a chain"] = await expectFailure(chainError) as object;
  resolver.invalidate("db:basic");
  host.env.DB_USER = given.password + "-rotated";
  await resolver.resolve("db:basic");
  return { ...found, "the resolver": resolver, "a description": resolver.describe(), "the log": host.events };
}

/** Only `get` returns a value. */
export const redactionChecks: Checks = {
  "no object of the package shows a value by any route of this runtime, except get": async () => {
    const subject = makeSecrets();
    const objects = await objectsOf(subject);
    const routes = routesOut();
    const leaks: string[] = [];
    let taken = 0;
    for (const [what, object] of Object.entries(objects)) {
      for (const [name, route] of Object.entries(routes)) {
        const text = await Promise.resolve().then(() => route(object)).then(String, String);
        if (subject.secrets.some((secret) => text.includes(secret.slice(-12)))) leaks.push(`${what}, by ${name}`);
        taken++;
      }
    }
    expectEqual(leaks, []);
    expect(taken >= 200, `Expected hundreds of routes, took ${taken}`);
  },

  "the search finds a value that does leak": async () => {
    const secret = makeSecret();
    const routes = Object.entries(routesOut());
    const leaking = { toString: () => secret, toLocaleString: () => secret, secret };
    const blind: string[] = [];
    for (const [name, route] of routes) {
      const object = name === "a clone" ? { secret } : leaking;
      const text = await Promise.resolve().then(() => route(object)).then(String, () => secret);
      if (!text.includes(secret)) blind.push(name);
    }
    expectEqual(blind, []);
  },

  "a printed chain shows none of its values": async () => {
    const { chain, secrets } = makeSecrets();
    const leaks: string[] = [];
    for (const [name, route] of Object.entries(routesOut())) {
      const text = await Promise.resolve().then(() => route(chain)).then(String, String);
      if (secrets.some((secret) => text.includes(secret))) leaks.push(name);
    }
    expectEqual(leaks, []);
    console.log(chain, { ...chain.stores });
  },

  // Hint: the program that starts the checks searches the output, since each runtime prints in its own way.
  "console methods show no value": async () => {
    for (const [what, object] of Object.entries(await objectsOf(makeSecrets()))) {
      console.log("%s", what, object);
      console.log({ deep: [object] }, [object], `${object}`);
      console.log("%o %O %j", object, object, object);
      console.error(object);
      console.dir(object);
    }
  },

  "get() returns the value, and a printed credential shows its source": async () => {
    const { resolver, secrets: [secret] } = makeSecrets();
    const credential = await resolver.resolve("db:basic");
    expect(credential.get("password") === secret, "Expected the value");
    expectEqual(String(credential), "Credential db:basic from env (user, password)");
    expectEqual(JSON.parse(JSON.stringify(credential)), {
      key: "db:basic",
      source: "env",
      fields: ["user", "password"],
      degraded: false,
    });
  },
};
