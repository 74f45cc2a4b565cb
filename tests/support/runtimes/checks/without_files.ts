import { createResolver, defineChain, env, file, mounted, required } from "../../../../mod.ts";
import { dotenv } from "../../../../src/stores/dotenv/dotenv.ts";
import { expectEqual } from "../expect.ts";
import { show } from "../subject.ts";
import type { Checks } from "../table.ts";

/** Stores on a runtime without files, such as workerd and the edge runtime, or on a host with `files: false`. */
export const withoutFilesChecks: Checks = {
  "where there are no files, stores of files are off with that reason, and the next store is asked": async () => {
    const system = "Deno" in globalThis || "Bun" in globalThis || isNode();
    const chain = defineChain({
      stores: {
        file: file({ priority: 400, directory: "state" }),
        mounted: mounted({ priority: 300, directory: "/run/secrets" }),
        dotenv: dotenv({ priority: 200, path: ".env" }),
        env: env({ priority: 100 }),
      },
      credentials: {
        "db:basic": {
          fields: { user: required() },
          from: { file: "db.json", mounted: { prefix: "" }, dotenv: { prefix: "DB_" }, env: { prefix: "DB_" } },
        },
      },
    });
    const resolver = createResolver(chain, { env: { DB_USER: "reader" }, ...(system ? { files: false } : {}) });
    expectEqual(
      show(await resolver.resolve("db:basic")),
      "env: file off, mounted off, dotenv off, env hit",
    );
    expectEqual(resolver.describe().stores.map(({ state, reason }) => `${state} ${reason}`), [
      "off this runtime lacks what it needs",
      "off this runtime lacks what it needs",
      "off this runtime lacks what it needs",
      "on undefined",
    ]);
  },
};

function isNode(): boolean {
  return globalThis.navigator?.userAgent !== "Cloudflare-Workers" && "process" in globalThis &&
    typeof (globalThis as { process?: { pid?: number } }).process?.pid === "number";
}
