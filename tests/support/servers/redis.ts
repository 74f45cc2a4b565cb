import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { runClient } from "./run_client.ts";

/** How long the server may take to start. */
const START_TIMEOUT_MS = 20_000;

/** A running Redis, which keeps nothing on disk. */
export interface Redis extends AsyncDisposable {
  /** Its port of the loopback address, the same after a restart. */
  readonly port: number;
  /** The password of the user `default`, who may do anything. */
  readonly password: string;
  /** The process id of the server that runs now. */
  readonly pid: number;
  /**
   * Runs a command as the user `default`, for example `cli("ACL", "DELUSER", "fleet")` or `cli("FLUSHALL")`.
   *
   * @returns What `redis-cli` printed.
   * @throws {Error} If it fails, with what it printed.
   */
  cli(...command: string[]): Promise<string>;
  /** Adds a user, or changes its password, with the rules of `ACL SETUSER`, for example `"~*", "+eval"`. */
  setUser(name: string, password: string, ...rules: string[]): Promise<void>;
  /** Stops the process in its tracks: connections stay open, and nothing is answered. */
  pause(): void;
  /** Continues after `pause`. */
  resume(): void;
  /** Kills the server: its entries and users are lost. */
  kill(): Promise<void>;
  /** Starts the server again after `kill`. */
  start(): Promise<void>;
}

/**
 * Starts Redis on a free port of the loopback address.
 *
 * @param settings More lines of its configuration.
 * @returns The running server.
 * @throws {Error} If it does not start.
 */
export async function startRedis(...settings: readonly string[]): Promise<Redis> {
  const directory = await Deno.makeTempDir({ prefix: "redis-" });
  const [port = 0] = freePorts(1);
  const password = `fake-${crypto.randomUUID()}`;
  await Deno.writeTextFile(
    `${directory}/redis.conf`,
    [...configuration(directory, port, password), ...settings].join("\n"),
  );
  const cli = async (...command: string[]): Promise<string> => {
    const args = ["-h", "127.0.0.1", "-p", `${port}`, "--no-auth-warning", "-e", ...command];
    return (await runClient("redis-cli", args, { REDISCLI_AUTH: password })).trim();
  };
  let daemon: Daemon;
  const start = async (): Promise<void> => {
    daemon = new Daemon("redis-server", `${directory}/redis.conf`);
    await waitForStart(daemon, cli);
  };
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    password,
    get pid() {
      return daemon.pid;
    },
    cli,
    setUser: async (name, password, ...rules) => {
      await cli("ACL", "SETUSER", name, "reset", "on", `>${password}`, ...rules);
    },
    pause: () => Deno.kill(daemon.pid, "SIGSTOP"),
    resume: () => Deno.kill(daemon.pid, "SIGCONT"),
    kill: () => daemon.stop(),
    start,
    [Symbol.asyncDispose]: stop,
  };
}

function configuration(directory: string, port: number, password: string): readonly string[] {
  const files = [`dir ${directory}`, `logfile ${directory}/log`, 'save ""'];
  return ["bind 127.0.0.1", `port ${port}`, ...files, `requirepass ${password}`];
}

async function waitForStart(daemon: Daemon, cli: Redis["cli"]): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (await cli("PING").catch(() => "") !== "PONG") {
    if (daemon.ended !== undefined) throw new Error(`Cannot start Redis: ${daemon.ended}`);
    if (Date.now() > deadline) throw new Error("Cannot start Redis in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
