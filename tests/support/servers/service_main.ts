import { TextLineStream } from "./text_lines.ts";

/** What a service is, seen from inside its own process. */
export interface Service {
  /** What the starter is told, sent as JSON. */
  readonly ready: unknown;
  /** What may be asked of the service, by name. */
  readonly methods: Readonly<Record<string, (argument: never) => unknown>>;
  /** Ends whatever the service started. */
  stop(): Promise<void> | void;
}

/**
 * Runs a service in this process, for `startService` in another: the first line of standard input holds the options,
 * each later one a call, and its end is the order to stop.
 *
 * @typeParam Options What the service starts with.
 * @param start Starts the service.
 */
export async function runService<Options>(start: (options: Options) => Promise<Service>): Promise<void> {
  // Standard output carries the protocol, and libraries greet on it.
  console.log = console.info = console.debug = console.error;
  const encoder = new TextEncoder();
  const lines = Deno.stdin.readable.pipeThrough(new TextLineStream())[Symbol.asyncIterator]();
  const say = (value: unknown): void => {
    try {
      writeAll(encoder.encode(`${JSON.stringify(value)}\n`));
    } catch {
      // A starter that is gone is seen as the end of standard input.
    }
  };

  const first = await lines.next();
  if (first.done) return;
  let service: Service;
  try {
    service = await start(JSON.parse(first.value));
  } catch (error) {
    say({ failed: String(error) });
    Deno.exit(1);
  }
  say({ ready: service.ready });
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    const { id, method, argument } = JSON.parse(line);
    answer(service, method, argument).then((result) => say({ id, result }), (error) => say({ id, error: `${error}` }));
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
