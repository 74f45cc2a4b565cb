/**
 * Resolves one credential from a dotenv file, and prints the store that has it or the error.
 *
 * @module
 */
import { createResolver, CredentialError, defineChain, required } from "../../../mod.ts";
import { dotenv } from "../../../src/stores/dotenv/dotenv.ts";

const [path = ".env"] = Deno.args;
const chain = defineChain({
  stores: { dotenv: dotenv({ priority: 1, path }) },
  credentials: { "db:basic": { fields: { user: required() }, from: { dotenv: { prefix: "DB_" } } } },
});

try {
  console.log((await createResolver(chain).resolve("db:basic")).source);
} catch (error) {
  if (!(error instanceof CredentialError)) throw error;
  console.log(error.message);
}
