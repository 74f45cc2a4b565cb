import { copyLock } from "./lock_copy.ts";
import { TextLineStream } from "./text_lines.ts";

/** How long a service may take to stop after its standard input is closed, before it is killed. */
const STOP_TIMEOUT_MS = 10_000;

/** A service for tests, in a process of its own. */
export interface ServiceProcess<Ready> extends AsyncDisposable {
  /** The process id of the service. */
  readonly pid: number;
  /** What the service reported when it was ready. */
  readonly ready: Ready;
  /**
   * Calls a method of the service.
   *
   * @param method The name of the method.
   * @param argument Its argument, sent as JSON.
   * @returns What the method returned.
   * @throws {Error} If the method failed, or the service ended before it answered.
   */
  call(method: string, argument?: unknown): Promise<unknown>;
  /** Stops the service, and waits until its process has ended. */
  stop(): Promise<void>;
}

/** One line that a service writes to its standard output. */
type Message<Ready> =
  | { readonly ready: Ready }
  | { readonly failed: string }
  | { readonly id: number; readonly result?: unknown; readonly error?: string };

/**
 * Starts a service script with the Deno that runs the tests.
 *
 * They communicate with lines of JSON on the script's standard input and output. The input is closed when the test runner
 * ends for any reason, which stops the service.
 *
 * @typeParam Ready What the service reports when it is ready.
 * @param script The script, which calls `runService`.
 * @param options The options of the service, sent as JSON.
 * @returns The running service.
 * @throws {Error} If the service does not start.
 */
export async function startService<Ready>(script: URL, options: unknown): Promise<ServiceProcess<Ready>> {
  const lock = await copyLock();
  const child = spawnScript(script, lock);
  const calls = new Calls<Ready>(script.pathname.split("/").at(-1)!);
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  const send = (value: unknown): Promise<void> => writer.write(encoder.encode(`${JSON.stringify(value)}\n`));
  const ended = receiveUntilEnd(child, calls);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    stopping ??= (async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await writer.close().catch(() => {});
      await ended;
      clearTimeout(timer);
    })();
  const call = async (method: string, argument?: unknown): Promise<unknown> => {
    const { id, result } = calls.add();
    await send({ id, method, argument }).catch(() => calls.fail(`it ended before the call of "${method}"`));
    return await result;
  };

  try {
    await send(options).catch(() => {});
    return { pid: child.pid, ready: await calls.ready, call, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await Deno.remove(lock);
  }
}

function spawnScript(script: URL, lock: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--no-prompt", "--allow-all", `--lock=${lock}`, script.href],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Passes the messages of a service to its pending calls, and fails those when the service ends. */
async function receiveUntilEnd<Ready>(child: Deno.ChildProcess, calls: Calls<Ready>): Promise<void> {
  let errors = "";
  const receive = async (): Promise<void> => {
    for await (const line of child.stdout.pipeThrough(new TextLineStream())) calls.receive(JSON.parse(line));
  };
  const collectErrors = async (): Promise<void> => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) errors = (errors + text).slice(-8_192);
  };
  const [, , status] = await Promise.all([receive(), collectErrors(), child.status]);
  calls.fail(`it ended with status ${status.code}: ${errors.trim()}`);
}

/** The calls of a service that have no result yet. */
class Calls<Ready> {
  readonly #service: string;
  readonly #ready = Promise.withResolvers<Ready>();
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** Resolves with what the service reports when it is ready. */
  get ready(): Promise<Ready> {
    return this.#ready.promise;
  }

  add(): { readonly id: number; readonly result: Promise<unknown> } {
    const id = ++this.#lastId;
    const result = Promise.withResolvers<unknown>();
    this.#pending.set(id, result);
    return { id, result: result.promise };
  }

  receive(message: Message<Ready>): void {
    if ("ready" in message) return this.#ready.resolve(message.ready);
    if ("failed" in message) return this.fail(message.failed);
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new Error(message.error));
  }

  fail(reason: string): void {
    const error = new Error(`Cannot use the service "${this.#service}": ${reason}`);
    this.#ready.reject(error);
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
  }
}
