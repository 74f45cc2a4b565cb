/** How hard is asked. */
export interface LoadOptions {
  readonly sockets: number;
  readonly seconds: number;
}

/** Clients that are under way. */
export interface Load {
  /** How many requests they got an answer to, once they are through. */
  readonly answered: Promise<number>;
}

/**
 * Starts clients in a thread of their own, each with one socket on which it asks again as soon as it was answered.
 *
 * @param port The server's port on loopback.
 * @param options How hard.
 * @returns The clients, once all of them are connected.
 */
export async function openLoad(port: number, options: LoadOptions): Promise<Load> {
  const worker = new Worker(new URL("load_worker.ts", import.meta.url), { type: "module" });
  const heard = () => new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  const connected = heard();
  worker.postMessage({ port, ...options });
  await connected;
  return {
    answered: heard().then((count) => {
      worker.terminate();
      return Number(count);
    }),
  };
}
