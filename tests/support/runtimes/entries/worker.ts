// workerd calls test(); timers and random values exist only inside of it.
import { checks } from "../checks.ts";
import { runtimeChecks, workerChecks } from "../checks/bindings.ts";
import { printReport } from "../report.ts";

export default {
  test: (_controller: unknown, bindings: Record<string, unknown>): Promise<void> =>
    printReport({ ...checks, ...runtimeChecks(bindings), ...workerChecks(bindings) }),
};
