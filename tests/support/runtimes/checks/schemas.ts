import * as v from "valibot";
import { createResolver, defineChain, memory, required, setting } from "../../../../mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";

function makeResolver(values: Record<string, string>) {
  const port = v.pipe(v.string(), v.transform(Number), v.integer(), v.maxValue(65_535));
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values }) },
    credentials: {
      "db:basic": {
        fields: { password: required(v.pipe(v.string(), v.minLength(8))), port: setting(port, { default: 7_687 }) },
        from: { memory: { prefix: "" } },
      },
    },
  });
  return createResolver(chain);
}

/** Fields with a schema. */
export const schemaChecks: Checks = {
  "a field with a schema has the schema's output": async () => {
    const resolver = makeResolver({ password: "long enough", port: "1234" });
    const port: number = (await resolver.resolve("db:basic")).get("port");
    expectEqual(port, 1_234);
    expectEqual((await makeResolver({ password: "long enough" }).resolve("db:basic")).get("port"), 7_687);
  },

  "the error for a value that does not fit its schema names the kind of mistake, and does not show the value":
    async () => {
      const secret = makeSecret().slice(-7);
      const error = await expectFailure(() => makeResolver({ password: secret }).resolve("db:basic")) as Error;
      expectEqual(showError(error), "CredentialError invalid: memory invalid");
      expect(error.message.includes("password does not fit its schema (min_length)"), error.message);
      expect(!`${error.stack}${JSON.stringify(error)}`.includes(secret), "Expected no value in an error");
    },
};
