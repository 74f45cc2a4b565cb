// workerd calls test(); timers and random values exist only inside of it.
import { checks } from "../checks.ts";
import { printReport } from "../report.ts";

export default { test: (): Promise<void> => printReport(checks) };
