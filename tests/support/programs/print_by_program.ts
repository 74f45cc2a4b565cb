/**
 * Resolves the text that a program prints, and prints it or the error. The program is given as JSON: its command, and more
 * options of the store.
 *
 * @module
 */
import { createResolver, CredentialError } from "../../../mod.ts";
import { textChain } from "../fixtures/text_chain.ts";
import { programArgs } from "./program_args.ts";

const [command = "[]", options = "{}"] = programArgs;

try {
  const resolver = createResolver(textChain(JSON.parse(command), JSON.parse(options)));
  console.log((await resolver.resolve("api:token")).get("token"));
} catch (error) {
  if (!(error instanceof CredentialError)) throw error;
  console.log(error.message);
}
