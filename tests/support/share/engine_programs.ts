import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { installOnce, installRuntimes } from "../runtimes/install.ts";
import { TextLineStream } from "../servers/text_lines.ts";
import { documentedModule } from "./documented.ts";

/** The versions of the clients, as in the documentation. */
const CLIENTS = { redis: "6.3.1", ioredis: "6.0.0", pg: "8.23.1", postgres: "3.4.9" };

/** How long a program that left its server may go on. */
const LEAVING_MS = 10_000;

/** Installs the clients, and returns the `node_modules` folder that has them. */
export function installClients(): Promise<string> {
  return installOnce("share", CLIENTS);
}

/** The runtimes on which clients run. */
export const runtimes = ["deno", "node-20", "node-26", "bun"] as const;

/** A server that is asked by a documented client. */
export interface Asked {
  readonly engine: "redis" | "postgres";
  /** The title of the example. */
  readonly client: string;
  readonly runtime: typeof runtimes[number];
  readonly url: string;
  readonly token?: string;
}

/** A running program that asks an engine. */
export interface EngineProgram extends AsyncDisposable {
  /** Asks one question; see `programs/ask_engine.ts`. */
  ask(question: "conformance" | "get" | "getSoon" | "close" | "measure"): Promise<Record<string, unknown>>;
  /** Lets it leave its server, and returns whether it ends by itself then. */
  leave(): Promise<boolean>;
  /** Ends it, and returns its exit code and what it printed in addition to answers. */
  end(): Promise<{ readonly code: number; readonly errors: string }>;
}

/** The programs of the tests of one file. */
export interface EnginePrograms extends Disposable {
  start(asked: Asked): Promise<EngineProgram>;
}

/** Bundles the program once, since an older Node cannot run TypeScript. */
export async function preparePrograms(): Promise<EnginePrograms> {
  const modules = await installRuntimes();
  const clients = await installClients();
  const directory = Deno.makeTempDirSync({ prefix: "engines_" });
  Deno.symlinkSync(clients, `${directory}/node_modules`);
  Deno.writeTextFileSync(`${directory}/package.json`, JSON.stringify({ type: "module", dependencies: CLIENTS }));
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("programs/ask_engine.ts", import.meta.url))],
    outfile: `${directory}/program.mjs`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "error",
  });
  await esbuild.stop();
  return {
    start: async ({ engine, client, runtime, url, token = "" }) => {
      const snippet = `${directory}/${engine}_${client.replace(/\W+/g, "_")}.mjs`;
      Deno.writeTextFileSync(snippet, await documentedModule(engine, client));
      const [program = "", ...args] = {
        deno: [Deno.execPath(), "run", "--no-config", "--no-prompt", "--node-modules-dir=manual", "--allow-all"],
        bun: [`${modules}/.bin/bun`, "--no-install"],
        "node-20": [`${modules}/node-20/bin/node`],
        "node-26": [`${modules}/node-26/bin/node`],
      }[runtime];
      // Hint: as in a shell, a secret is not in the arguments; these are fakes.
      return running(program, [...args, `${directory}/program.mjs`, engine, snippet, url, token], directory);
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

function running(program: string, args: string[], cwd: string): EngineProgram {
  const child = new Deno.Command(program, { args, cwd, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  const writer = child.stdin.getWriter();
  const printed = new Response(child.stderr).text();
  let ended: ReturnType<EngineProgram["end"]> | undefined;
  const end = () =>
    ended ??= (async () => {
      await writer.close().catch(() => {});
      const errors = await printed;
      await lines.cancel();
      return { code: (await child.status).code, errors };
    })();
  const ask = async (question: string) => {
    await writer.write(new TextEncoder().encode(`${question}\n`)).catch(() => {});
    const { value } = await lines.read();
    if (value === undefined) throw new Error(`Cannot ask the engine: ${JSON.stringify(await end())}`);
    return JSON.parse(value);
  };
  return {
    ask,
    leave: async () => {
      await ask("leave");
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), LEAVING_MS));
      const ends = await Promise.race([child.status.then(() => true), late]);
      clearTimeout(timer);
      if (!ends) child.kill("SIGKILL");
      return ends;
    },
    end,
    [Symbol.asyncDispose]: async () => void await end(),
  };
}
