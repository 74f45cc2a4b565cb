import { createResolver, defineChain, defineStore, document, required } from "../../../../mod.ts";
import { testClock, testHost } from "../../../../src/testing/mod.ts";
import { expectEqual, expectFailure } from "../expect.ts";
import type { Checks } from "../table.ts";

const fields = { token: required() };
const TEXT = { document: "d", text: true, fields: { token: "" } } as const;

/** Plain texts, and a store that is slow by nature, on every runtime. */
export const textChecks: Checks = {
  "one document is read as plain text and parsed, by two credentials": async () => {
    const store = defineStore({
      kind: "texts",
      shape: document,
      text: true,
      open: () => async (_, { text }) => await Promise.resolve(text ? ' {"token":"t"}\n' : { token: "t" }),
    });
    const chain = defineChain({
      stores: { own: store({ priority: 1 }) },
      credentials: {
        "api:text": { fields, from: { own: TEXT } },
        "api:parsed": { fields, from: { own: "d" } },
      },
    });
    const resolver = createResolver(chain, testHost());
    const keys = ["api:text", "api:parsed"] as const;
    const found = await Promise.all(keys.map(async (key) => (await resolver.resolve(key)).get("token")));
    expectEqual(found, [' {"token":"t"}\n', "t"]);
  },

  "a caller waits for a store as long as its kind may take": async () => {
    const clock = testClock();
    const store = defineStore({
      kind: "slow",
      shape: document,
      text: true,
      timeout: 30_000,
      open: () => () => new Promise<string>((resolve) => void clock.after(29_000, () => resolve("late"))),
    });
    const stores = { own: store({ priority: 1 }) };
    const chain = defineChain({ stores, credentials: { "api:text": { fields, from: { own: TEXT } } } });
    const resolver = createResolver(chain, testHost({ clock }));
    const patient = resolver.resolve("api:text");
    const hasty = expectFailure(() => resolver.resolve("api:text", { budget: 10_000 }));
    await clock.advance(29_000);
    expectEqual((await patient).get("token"), "late");
    expectEqual((await hasty as Error).message, 'Cannot resolve "api:text": no answer within the budget of 10000 ms');
  },
};
