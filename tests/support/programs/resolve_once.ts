/**
 * Resolves one credential from files and the environment, and prints its source or the error.
 *
 * @module
 */
import { createResolver, CredentialError, defineChain, env, file, mounted, required } from "../../../mod.ts";
import { programArgs } from "./program_args.ts";

const [directory = "/", store = "env"] = programArgs;
const chain = defineChain({
  stores: {
    file: file({ priority: 3, directory, enabled: store === "file" }),
    mounted: mounted({ priority: 2, directory, enabled: store === "mounted" }),
    env: env({ priority: 1, files: store === "env-files" }),
  },
  credentials: {
    "db:basic": {
      fields: { user: required() },
      from: { file: "db.json", mounted: { prefix: "" }, env: { prefix: "DB_" } },
    },
  },
});

try {
  console.log((await createResolver(chain).resolve("db:basic", { default: { user: "seed" } })).source);
} catch (error) {
  if (!(error instanceof CredentialError)) throw error;
  console.log(error.message);
}
