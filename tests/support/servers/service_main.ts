import { TextLineStream } from "./text_lines.ts";

/** A service, in its own process. */
export interface Service {
  /** What is reported when the service is ready, sent as JSON. */
  readonly ready: unknown;
  /** The methods that can be called, by name. */
  readonly methods: Readonly<Record<string, (argument: never) => unknown>>;
  /** Stops what the service started. */
  stop(): Promise<void> | void;
}

/**
 * Runs a service in this process, for `startService` in another. The first line of standard input has the options, each
 * later line a call, and the end of the input stops the service.
 *
 * @typeParam Options The options of the service.
 * @param start Starts the service.
 */
export async function runService<Options>(start: (options: Options) => Promise<Service>): Promise<void> {
  // Hint: standard output carries the protocol, and libraries log to it.
  console.log = console.info = console.debug = console.error;
  const encoder = new TextEncoder();
  const lines = Deno.stdin.readable.pipeThrough(new TextLineStream())[Symbol.asyncIterator]();
  const send = (value: unknown): void => {
    try {
      writeAll(encoder.encode(`${JSON.stringify(value)}\n`));
    } catch {
      // Hint: if the other process has ended, so has standard input, which stops the service.
    }
  };

  const first = await lines.next();
  if (first.done) return;
  let service: Service;
  try {
    service = await start(JSON.parse(first.value));
  } catch (error) {
    send({ failed: String(error) });
    Deno.exit(1);
  }
  send({ ready: service.ready });
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    const { id, method, argument } = JSON.parse(line);
    answer(service, method, argument).then(
      (result) => send({ id, result }),
      (error) => send({ id, error: `${error}` }),
    );
  }
  await service.stop();
  Deno.exit(0);
}

async function answer(service: Service, method: string, argument: unknown): Promise<unknown> {
  const run = Object.hasOwn(service.methods, method) ? service.methods[method] : undefined;
  if (run === undefined) throw new TypeError(`Cannot find a method named "${method}"`);
  return await run(argument as never);
}

function writeAll(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}
