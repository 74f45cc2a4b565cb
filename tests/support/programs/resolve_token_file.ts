/**
 * Resolves the token in a file, and prints its source or the error.
 *
 * @module
 */
import { createResolver, CredentialError, defineChain, required } from "../../../mod.ts";
import { tokenFile } from "../../../src/stores/identity/mod.ts";
import { programArgs } from "./program_args.ts";

const [path = "token"] = programArgs;
const chain = defineChain({
  stores: { pod: tokenFile({ priority: 1, path }) },
  credentials: { "pod:token": { fields: { token: required() }, from: { pod: { prefix: "" } } } },
});

try {
  console.log((await createResolver(chain).resolve("pod:token")).source);
} catch (error) {
  if (!(error instanceof CredentialError)) throw error;
  console.log(error.message);
}
