import { Daemon } from "./daemon.ts";

/** One of two Workers of a configuration. */
export interface WorkerOfTwo {
  /** The file name of its module, beside the configuration. */
  readonly module: string;
  readonly compatibilityDate: string;
  readonly bindings: readonly string[];
  /** What only the first has: its Durable Objects. */
  readonly objects: string;
}

/**
 * Writes the configuration of two Workers with the same module, `one` and `two`, each with a port.
 *
 * @param worker The Workers.
 * @param services The services in addition to the Workers and the network.
 * @param ports Their ports.
 * @returns The text of the configuration.
 */
export function configOfTwo(worker: WorkerOfTwo, services: readonly string[], ports: readonly number[]): string {
  const { module, compatibilityDate, bindings, objects } = worker;
  const service = (name: string, more: string) =>
    `(name = "${name}", worker = (
      modules = [(name = "worker.mjs", esModule = embed "${module}")],
      compatibilityDate = "${compatibilityDate}",
      bindings = [${bindings.join(", ")}],
      ${more}
    ))`;
  const network = '(name = "internet", network = (allow = ["public", "private", "local"]))';
  const socket = (name: string, port = 0) =>
    `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${[network, ...services, service("one", objects), service("two", "")].join(",\n    ")}],
  sockets = [${socket("one", ports[0])}, ${socket("two", ports[1])}],
);
`;
}

const START_TIMEOUT_MS = 20_000;

/**
 * Starts workerd, and waits until it takes connections.
 *
 * @param workerd The path of workerd.
 * @param config The path of its configuration.
 * @param ports The ports on which its Workers are served.
 * @returns The process.
 * @throws {Error} If it ends, or does not take connections in time.
 */
export async function startWorkerd(workerd: string, config: string, ports: readonly number[]): Promise<Daemon> {
  const daemon = new Daemon(workerd, "serve", config);
  for (const end = Date.now() + START_TIMEOUT_MS;;) {
    try {
      for (const port of ports) (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return daemon;
    } catch {
      if (daemon.ended === undefined && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
      else {
        await daemon.stop();
        throw new Error(`Cannot start workerd: ${daemon.ended ?? daemon.output}`);
      }
    }
  }
}
