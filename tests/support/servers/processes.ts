import { copyLock } from "./lock_copy.ts";

/**
 * Checks whether a process runs. A zombie does not.
 *
 * @param pid The process id.
 * @returns Whether it runs.
 */
export async function runs(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await Deno.readTextFile(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/**
 * Waits at most five seconds for a process to end.
 *
 * @param pid The process id.
 * @returns Whether it has ended.
 */
export async function ends(pid: number): Promise<boolean> {
  const deadline = Date.now() + 5_000;
  while (await runs(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  return !await runs(pid);
}

/**
 * Runs a program in another Deno process, kills it after its first output, and returns that output.
 *
 * @param source The program, which prints one line and keeps running.
 * @returns The line.
 */
export async function killWhenReady(source: string): Promise<string> {
  const lock = await copyLock();
  const runner = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", `--lock=${lock}`, `${source}; setInterval(() => {}, 1_000);`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = runner.stdout.getReader();
  const { value } = await reader.read();
  runner.kill("SIGKILL");
  await runner.status;
  await reader.cancel();
  await Deno.remove(lock);
  return new TextDecoder().decode(value);
}
