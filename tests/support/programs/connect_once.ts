/**
 * Sends one request as a store does, and prints the status or the refusal. On Deno, and bundled on Bun and Node.
 *
 * @module
 */
import { boundedFetch } from "../../../src/core/runtime/bounded_fetch.ts";
import { programArgs } from "./program_args.ts";

const [url = ""] = programArgs;
console.log(await boundedFetch(fetch)(url).then(({ status }) => `HTTP ${status}`, ({ detail }) => detail));
