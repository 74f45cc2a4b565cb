// Deno, Bun and Node: every check.
import { checks } from "../checks.ts";
import { runtimeChecks } from "../checks/bindings.ts";
import { fileChecks } from "../file_checks.ts";
import { printReport } from "../report.ts";

await printReport({ ...checks, ...runtimeChecks(), ...fileChecks });
