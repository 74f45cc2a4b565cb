// Deno, Bun and Node: every check.
import { checks } from "../checks.ts";
import { fileChecks } from "../file_checks.ts";
import { printReport } from "../report.ts";

await printReport({ ...checks, ...fileChecks });
