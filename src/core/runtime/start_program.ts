import { lookAt, nodeModule, onWindows, onWorkerd } from "./globals.ts";

/** What happens to a program. */
export interface Events {
  /** It printed something. */
  readonly data: (bytes: Uint8Array) => void;
  /** No process can print any more. */
  readonly closed: () => void;
  /** It ended, with an exit status unless a signal ended it. */
  readonly ended: (status: number | undefined) => void;
  /** It was not started. */
  readonly failed: (error: unknown) => void;
}

/** A program that was started. */
export interface Child {
  /** Kills its process group, or only the program if that is not permitted. */
  readonly kill: () => void;
  /** Releases it, so that it does not keep this process alive. */
  readonly release: () => void;
}

/** Starts a program; if it could not, it throws or calls `failed`. */
export type Start = (
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  events: Events,
) => Child;

type NodeChildProcess = Pick<typeof import("node:child_process"), "spawn">;

// Hint: Deno's `node:child_process` asks for a permission that has nothing to do with the program.
/** Returns a function that starts programs, if this runtime can. */
export function starter(): Start | undefined {
  if (onWorkerd()) return undefined;
  const deno = lookAt(({ Deno }) => Deno);
  if (deno?.Command) return startOnDeno(deno as typeof Deno);
  const node = nodeModule("node:child_process") as NodeChildProcess | undefined;
  return lookAt(() => node?.spawn) && startOnNode(node!);
}

function startOnDeno(deno: typeof Deno): Start {
  return ([program, ...args], env, { data, closed, ended }) => {
    const command = new deno.Command(program, {
      args,
      env: { ...env },
      clearEnv: true,
      // Hint: a process group of its own, so that all that it started can be killed with it.
      detached: !onWindows(),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    });
    const child = command.spawn();
    const reader = child.stdout.getReader();
    const readAll = async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) data(part.value);
    };
    readAll().then(closed, closed);
    child.status.then(({ code, signal }) => ended(signal ? undefined : code), () => ended(undefined));
    return {
      kill: () => killGroup((id) => deno.kill(id, "SIGKILL"), child.pid, () => child.kill("SIGKILL")),
      release: () => {
        child.unref();
        reader.cancel().catch(() => {});
      },
    };
  };
}

function startOnNode({ spawn }: NodeChildProcess): Start {
  return ([program, ...args], env, { data, closed, ended, failed }) => {
    const child = spawn(program, args, {
      env: { ...env },
      detached: !onWindows(),
      windowsHide: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.on("error", failed);
    child.on("exit", (status) => ended(status ?? undefined));
    child.on("close", closed);
    child.stdout.on("data", data);
    child.stdout.on("error", () => {});
    return {
      kill: () => {
        const byId = (id: number) => lookAt(({ process }) => process)!.kill!(id, "SIGKILL");
        killGroup(byId, child.pid, () => child.kill("SIGKILL"));
      },
      release: () => {
        child.stdout.destroy();
        child.unref();
      },
    };
  };
}

// Hint: Deno lets only a process that may run all programs kill a group, and Windows has no groups.
function killGroup(kill: (id: number) => unknown, id: number | undefined, killChild: () => unknown): void {
  if (id === undefined) return;
  for (const attempt of [() => kill(-id), killChild]) {
    try {
      attempt();
      return;
    } catch { /* not permitted, or over */ }
  }
}
