import { Daemon } from "./daemon.ts";

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
