/**
 * The additional checks for the runtimes with files: Deno, Bun and Node. They may import `node:` modules.
 *
 * @module
 */
import { connectionChecks } from "./files/connections.ts";
import { serverAnswerChecks } from "./files/server_answers.ts";
import { documentChecks } from "./files/documents.ts";
import { emptiedChecks } from "./files/emptied.ts";
import { programChecks } from "./files/programs.ts";
import { rewrittenChecks } from "./files/rewritten.ts";
import { servedRouteChecks } from "./files/served_route.ts";
import { swappedChecks } from "./files/swapped.ts";
import { tokenFileChecks } from "./files/token_files.ts";
import { valueChecks } from "./files/values.ts";
import { writtenChecks } from "./files/written.ts";
import type { Checks } from "./table.ts";

/** The checks, by name: what a user would lose. */
export const fileChecks: Checks = {
  ...documentChecks,
  ...valueChecks,
  ...rewrittenChecks,
  ...emptiedChecks,
  ...swappedChecks,
  ...tokenFileChecks,
  ...servedRouteChecks,
  ...writtenChecks,
  ...serverAnswerChecks,
  ...connectionChecks,
  ...programChecks,
};
