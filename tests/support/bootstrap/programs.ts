import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { installRuntimes } from "../runtimes/install.ts";
import { TextLineStream } from "../servers/text_lines.ts";

/** A runtime that writes files, and how it runs a program. */
export interface System {
  readonly name: string;
  readonly command: readonly string[];
}

/** The program of the tests, ready for every runtime that writes files. */
export interface Programs extends Disposable {
  readonly systems: readonly System[];
}

/** Bundles the program once, since an older Node takes no TypeScript. */
export async function preparePrograms(): Promise<Programs> {
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync({ prefix: "bootstrap_" });
  const outfile = `${directory}/program.mjs`;
  try {
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL("program.ts", import.meta.url))],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      logLevel: "error",
    });
  } finally {
    await esbuild.stop();
  }
  return {
    systems: [
      { name: "Deno", command: [Deno.execPath(), "run", "--no-config", "--no-prompt", "--allow-all", outfile] },
      { name: "Bun", command: [`${modules}/.bin/bun`, outfile] },
      { name: "Node 20", command: [`${modules}/node-20/bin/node`, outfile] },
      { name: "Node 26", command: [`${modules}/node-26/bin/node`, outfile] },
    ],
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

/** A program that runs. */
export interface Running {
  readonly pid: number;
  /** The next line that it says, as it was before it became JSON; nothing once it has ended. */
  next(): Promise<unknown>;
  /** Sends it a signal. */
  kill(signal: Deno.Signal): void;
  /** How it ended, once what it says has been read. */
  readonly status: Promise<Deno.CommandStatus>;
}

/** Starts the program. */
export function start({ command: [program, ...first] }: System, ...args: readonly (string | number)[]): Running {
  const child = new Deno.Command(program!, {
    args: [...first, ...args.map(String)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  return {
    pid: child.pid,
    next: async () => {
      const { value } = await lines.read();
      return value === undefined ? undefined : JSON.parse(value);
    },
    kill: (signal) => child.kill(signal),
    status: child.status,
  };
}

/** Runs the program to its end, and gives its status and the last line that it said. */
export async function run(system: System, ...args: readonly (string | number)[]) {
  const running = start(system, ...args);
  let last: unknown;
  for (let line = await running.next(); line !== undefined; line = await running.next()) last = line;
  return { last, status: await running.status };
}
