// The Vercel edge runtime evaluates a script, which can't await at its top level.
import { checks } from "../checks.ts";
import { runtimeChecks } from "../checks/bindings.ts";
import { printReport } from "../report.ts";

void printReport({ ...checks, ...runtimeChecks() });
