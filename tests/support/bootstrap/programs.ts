import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { installRuntimes } from "../runtimes/install.ts";
import { TextLineStream } from "../servers/text_lines.ts";

/** A runtime that can write files, and the command with which it runs the program. */
export interface System {
  readonly name: string;
  readonly command: readonly string[];
}

/** The program of the tests, for every runtime that can write files. */
export interface Programs extends Disposable {
  readonly systems: readonly System[];
}

/** Bundles the program once, since an older Node.js cannot run TypeScript. */
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
      mainFields: ["module", "main"],
      nodePaths: [modules],
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

/** A running program. */
export interface Running {
  readonly pid: number;
  /** Reads the next line that it prints and parses it as JSON; `undefined` once it has ended. */
  next(): Promise<unknown>;
  /** Sends it a signal. */
  kill(signal: Deno.Signal): void;
  /** Its exit status, once its output has been read. */
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

/** Runs the program, and returns its status and the last line that it printed. */
export async function run(system: System, ...args: readonly (string | number)[]) {
  const running = start(system, ...args);
  let last: unknown;
  for (let line = await running.next(); line !== undefined; line = await running.next()) last = line;
  return { last, status: await running.status };
}
