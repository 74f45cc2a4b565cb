import { copyLock } from "./lock_copy.ts";

/**
 * Says whether a process runs; one that has ended and waits to be reaped does not.
 *
 * @param pid Its id.
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
 * Waits until a process has ended, for five seconds at most.
 *
 * @param pid Its id.
 * @returns Whether it has ended.
 */
export async function ends(pid: number): Promise<boolean> {
  const end = Date.now() + 5_000;
  while (await runs(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return !await runs(pid);
}

/**
 * Runs a program of the tests in another Deno, kills it as soon as it has said something, and gives what it said.
 *
 * @param source The program, which prints one line and goes on.
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
