/** The size of a load. */
export interface LoadOptions {
  readonly sockets: number;
  readonly seconds: number;
}

/** A load that is running. */
export interface Load {
  /** Resolves with the number of answered requests when the load ends. */
  readonly answered: Promise<number>;
}

/**
 * Starts a load in a worker thread: each of its sockets sends the next request as soon as the last one is answered.
 *
 * @param port The server's port on loopback.
 * @param options The number of sockets, and the duration in seconds.
 * @returns The load, once all sockets are connected.
 */
export async function openLoad(port: number, options: LoadOptions): Promise<Load> {
  const worker = new Worker(new URL("load_worker.ts", import.meta.url), { type: "module" });
  const nextMessage = () => new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  const connected = nextMessage();
  worker.postMessage({ port, ...options });
  await connected;
  return {
    answered: nextMessage().then((count) => {
      worker.terminate();
      return Number(count);
    }),
  };
}
