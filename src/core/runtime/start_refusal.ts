import type { ProgramRun } from "../chain/host.ts";
import { denied, invalid, type Refusal, unavailable } from "../chain/outcome.ts";

// Hint: the code or the name decides, since messages quote paths.
/** Returns why a program was not started; `undefined` if its name is not in `PATH`. */
export function startRefusal(
  error: unknown,
  { command: [name], declared, environment }: ProgramRun,
): Refusal | undefined {
  const { code = "", name: kind } = error as { code?: string; name?: string };
  if (kind === "NotCapable") {
    // Hint: these variables make any program run other code.
    const loads = Object.keys(environment).find((each) => /^(LD|DYLD)_/.test(each));
    return denied(
      loads ? `needs --allow-run without a list, because it is given ${loads}` : `needs --allow-run=${declared}`,
    );
  }
  if (code === "ERR_ACCESS_DENIED") return denied("needs --allow-child-process");
  if (code === "ENOENT" || code === "ENOTDIR" || kind === "NotFound") {
    return /[\\/]/.test(name)
      ? invalid(`${declared} does not exist, or names an interpreter that does not`)
      : undefined;
  }
  if (["EACCES", "EPERM"].includes(code)) return denied(`${declared} cannot be run: check that it is executable`);
  if (["ENOEXEC", "E2BIG", "ENAMETOOLONG", "EINVAL", "ERR_INVALID_ARG_VALUE"].includes(code)) {
    return invalid(`${declared} cannot be run with its arguments (${code})`);
  }
  return unavailable(`the system did not start ${declared}${code ? ` (${code})` : ""}`);
}
