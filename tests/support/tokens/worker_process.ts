import { dirname } from "node:path";
import { freePorts } from "../servers/free_ports.ts";
import { startWorkerd } from "../servers/workerd.ts";

/** How a Worker is started. */
export interface WorkerOptions {
  /** The path of its bundle. */
  readonly bundle: string;
  /** The path of workerd. */
  readonly workerd: string;
  readonly compatibilityDate: string;
  readonly bindings?: Readonly<Record<string, string>>;
}

/** A running Worker. */
export interface WorkerProcess extends AsyncDisposable {
  readonly url: string;
}

/** Starts workerd with a Worker that may reach loopback, on a free port. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const [port = 0] = freePorts(1);
  const path = `${dirname(options.bundle)}/worker_${port}.capnp`;
  await Deno.writeTextFile(path, config(options, port));
  const daemon = await startWorkerd(options.workerd, path, [port]);
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => daemon.stop() };
}

function config({ bundle, compatibilityDate, bindings = {} }: WorkerOptions, port: number): string {
  const name = bundle.slice(dirname(bundle).length + 1);
  const texts = Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "worker", worker = (
      modules = [(name = "${name}", esModule = embed "${name}")],
      bindings = [${texts.join(", ")}],
      compatibilityDate = "${compatibilityDate}",
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`;
}
