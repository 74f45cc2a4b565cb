import { fileURLToPath } from "node:url";
import { bundleProgram } from "../bundle_program.ts";
import { installRuntimes } from "../runtimes/install.ts";
import { freePorts } from "../servers/free_ports.ts";
import { configOfTwo, startWorkerd } from "../servers/workerd.ts";

/** Two Workers, isolates of their own, with one namespace of Durable Objects: that of the first. */
export interface TokenWorkers extends AsyncDisposable {
  /** Asks one of the Workers; see `programs/token_worker.ts`. */
  ask(worker: 0 | 1, path: string, query?: Readonly<Record<string, string>>): Promise<Record<string, unknown>>;
  /** What workerd wrote to its standard error. */
  readonly output: string;
}

/** Starts workerd with the Workers, on free ports. */
export async function startTokenWorkers(): Promise<TokenWorkers> {
  const modules = await installRuntimes();
  const directory = await Deno.makeTempDir({ prefix: "objects_" });
  const ports = freePorts(2);
  const program = fileURLToPath(new URL("programs/token_worker.ts", import.meta.url));
  await bundleProgram({ entryPoints: [program], nodePaths: [modules] }, `${directory}/worker.mjs`);
  await Deno.mkdir(`${directory}/storage`);
  await Deno.writeTextFile(`${directory}/config.capnp`, config(directory, ports));
  const daemon = await startWorkerd(`${modules}/.bin/workerd`, `${directory}/config.capnp`, ports);
  return {
    ask: async (worker, path, query = {}) =>
      await (await fetch(`http://127.0.0.1:${ports[worker]}${path}?${new URLSearchParams(query)}`)).json(),
    get output() {
      return daemon.output;
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function config(directory: string, ports: readonly number[]): string {
  const binding = (name: string, className: string) =>
    `(name = "${name}", durableObjectNamespace = (className = "${className}", serviceName = "one"))`;
  const objects = `durableObjectNamespaces = [
        (className = "TokenRegister", uniqueKey = "tokens", enableSql = true),
        (className = "Other", uniqueKey = "others", enableSql = true),
      ],
      durableObjectStorage = (localDisk = "storage"),`;
  const storage = `(name = "storage", disk = (path = "${directory}/storage", writable = true))`;
  const bindings = [binding("TOKENS", "TokenRegister"), binding("OTHERS", "Other")];
  return configOfTwo({ module: "worker.mjs", compatibilityDate: "2026-04-01", bindings, objects }, [storage], ports);
}
