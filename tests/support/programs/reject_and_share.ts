/**
 * Changes a credential whose listener rejects, lets many callers share one signal, and prints the value, how many
 * rejections nothing handled, and how many warnings the runtime gave. Bundled, on Node.
 *
 * @module
 */
import { createResolver, defineChain, defineStore, required, variables } from "../../../mod.ts";

declare const process: { on(event: string, listener: (reason: unknown) => void): void };

let value = "one";
const own = defineStore({ kind: "own", shape: variables, open: () => () => Promise.resolve(value) });
const chain = defineChain({
  stores: { own: own({ priority: 1 }) },
  credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
});
let unhandled = 0;
let warnings = 0;
process.on("unhandledRejection", () => unhandled++);
process.on("warning", () => warnings++);

const reject = () => Promise.reject(new Error("its own"));
const resolver = createResolver(chain, { log: reject as () => void });
resolver.onChange("db:basic", reject as () => void);
await resolver.resolve("db:basic");
value = "two";
resolver.invalidate("db:basic");
const { signal } = new AbortController();
const all = await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve("db:basic", { signal })));
await new Promise((resolve) => setTimeout(resolve, 10));
console.log(`${all.at(-1)!.get("user")}, ${unhandled} unhandled, ${warnings} warnings`);
