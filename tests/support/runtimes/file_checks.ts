/**
 * What must hold on the runtimes that have files besides: Deno, Bun and Node. A check may import `node:` modules.
 *
 * @module
 */
import { documentChecks } from "./files/documents.ts";
import { servedRouteChecks } from "./files/served_route.ts";
import { valueChecks } from "./files/values.ts";
import type { Checks } from "./table.ts";

/** The checks, by what a user would lose. */
export const fileChecks: Checks = { ...documentChecks, ...valueChecks, ...servedRouteChecks };
