import { createResolver, defineChain, file, memory, required } from "../../../../mod.ts";
import { ensure, persist } from "../../../../src/bootstrap/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";

const fields = { user: required() };

/** Bootstrap on every runtime, including those without files. */
export const bootstrapChecks: Record<string, () => Promise<void>> = {
  "where there are no files, persist() and ensure() fail with that reason, and nothing is minted": async () => {
    const chain = defineChain({
      stores: { file: file({ priority: 1, directory: "state" }) },
      credentials: { "db:basic": { fields, from: { file: "db.json" } } },
    });
    const resolver = createResolver(chain, { files: false });
    const reason = 'no store can hold it: "file" is off: this runtime lacks what it needs';
    const written = await expectFailure(() => persist(resolver, "db:basic", { user: "reader" }));
    expectEqual((written as Error).message, `Cannot persist "db:basic": ${reason}`);
    let minted = false;
    const ensured = await expectFailure(() => ensure(resolver, "db:basic", () => ({ user: `reader${minted = true}` })));
    expectEqual((ensured as Error).message, `Cannot ensure "db:basic": ${reason}`);
    expect(!minted, "Expected nothing to be minted");
  },
  "persist() and ensure() write a credential to memory, where the next resolve finds it": async () => {
    const chain = defineChain({
      stores: { memory: memory({ priority: 1 }) },
      credentials: { "db:basic": { fields, from: { memory: { prefix: "" } } } },
    });
    const resolver = createResolver(chain);
    expectEqual((await ensure(resolver, "db:basic", () => ({ user: "minted" }))).get("user"), "minted");
    await persist(resolver, "db:basic", { user: "rotated" });
    expectEqual((await resolver.resolve("db:basic")).get("user"), "rotated");
  },
};
