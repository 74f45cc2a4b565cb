import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { POSTGRES_PROGRAMS } from "./get/debian.ts";
import { runClient } from "./run_client.ts";

/** How long the server may take to start. */
const START_TIMEOUT_MS = 60_000;
/** The user that runs the server, which refuses to run as root. */
const UNPRIVILEGED = 65_534;

/** A running PostgreSQL with a cluster of its own. */
export interface Postgres extends AsyncDisposable {
  /** Its port of the loopback address, the same after a restart. */
  readonly port: number;
  /** The database. */
  readonly database: string;
  /** The superuser. */
  readonly user: string;
  /** The superuser's password. */
  readonly password: string;
  /** The process id of the server that runs now. */
  readonly pid: number;
  /**
   * Runs statements as the superuser.
   *
   * @returns What `psql` printed: a line a row, with `|` between columns.
   * @throws {Error} If it fails, with what it printed.
   */
  sql(statements: string): Promise<string>;
  /** Adds a role that may log in, or changes its password. */
  setRole(name: string, password: string): Promise<void>;
  /** Stops all processes of the server in their tracks: connections stay open, and nothing is answered. */
  pause(): Promise<void>;
  /** Continues after `pause`. */
  resume(): Promise<void>;
  /** Ends the server at once, as a crash would. Its rows stay. */
  kill(): Promise<void>;
  /** Starts the server again after `kill`, or from then on as a standby, which can only be read. */
  start(as?: "standby"): Promise<void>;
}

/**
 * Starts PostgreSQL on a free port of the loopback address.
 *
 * @returns The running server.
 * @throws {Error} If it does not start.
 */
export async function startPostgres(): Promise<Postgres> {
  const directory = await Deno.makeTempDir({ prefix: "postgres-" });
  const [port = 0] = freePorts(1);
  const [user, database, password] = ["postgres", "postgres", `fake-${crypto.randomUUID()}`];
  const sql = async (statements: string): Promise<string> => {
    const args = ["-h", "127.0.0.1", "-p", `${port}`, "-U", user, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statements];
    return (await runClient(`${POSTGRES_PROGRAMS}/psql`, args, { PGPASSWORD: password })).trim();
  };
  const cluster = new Cluster(directory, port);
  const start: Postgres["start"] = (as) => cluster.start(sql, as);
  const stop = async (): Promise<void> => {
    await cluster.stop();
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await cluster.create(user, password);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    database,
    user,
    password,
    get pid() {
      return cluster.pid;
    },
    sql,
    setRole: async (name, password) => {
      await sql(`DO $$ BEGIN CREATE ROLE "${name}"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        ALTER ROLE "${name}" LOGIN PASSWORD '${password}'`);
    },
    pause: () => cluster.signal("SIGSTOP"),
    resume: () => cluster.signal("SIGCONT"),
    kill: () => cluster.stop(),
    start,
    [Symbol.asyncDispose]: stop,
  };
}

class Cluster {
  readonly #directory: string;
  readonly #port: number;
  #daemon: Daemon | undefined;

  constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
  }

  get pid(): number {
    return this.#daemon!.pid;
  }

  async create(user: string, password: string): Promise<void> {
    await Deno.writeTextFile(`${this.#directory}/password`, password);
    if (Deno.uid() === 0) {
      for (const path of ["", "/password"]) await Deno.chown(`${this.#directory}${path}`, UNPRIVILEGED, UNPRIVILEGED);
    }
    const login = [`--username=${user}`, `--pwfile=${this.#directory}/password`, "--auth=scram-sha-256"];
    const [first = "", ...args] = unprivileged(
      `${POSTGRES_PROGRAMS}/initdb`,
      `--pgdata=${this.#directory}/data`,
      ...login,
      "--no-sync",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
    );
    await runClient(first, args, {});
  }

  async start(sql: Postgres["sql"], as?: "standby"): Promise<void> {
    if (as === "standby") await Deno.writeTextFile(`${this.#directory}/data/standby.signal`, "");
    const settings = {
      unix_socket_directories: "",
      listen_addresses: "127.0.0.1",
      fsync: "off",
      shared_buffers: "32MB",
    };
    const [first = "", ...args] = unprivileged(
      `${POSTGRES_PROGRAMS}/postgres`,
      "-D",
      `${this.#directory}/data`,
      "-p",
      `${this.#port}`,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    );
    const daemon = this.#daemon = new Daemon(first, ...args);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (await sql("SELECT 1").catch(() => "") !== "1") {
      if (daemon.ended !== undefined) throw new Error(`Cannot start PostgreSQL: ${daemon.ended}`);
      if (Date.now() > deadline) throw new Error(`Cannot start PostgreSQL in time: ${daemon.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async signal(signal: Deno.Signal): Promise<void> {
    const { pid } = this;
    // Hint: the first process starts the others, so that none is new once it is stopped.
    Deno.kill(pid, signal);
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
    for (const child of children.split(" ").filter((text) => text !== "")) {
      try {
        Deno.kill(Number(child), signal);
      } catch {
        // Hint: it may have ended meanwhile, with its connection.
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#daemon?.ended !== undefined) return;
    await this.signal("SIGCONT").catch(() => {});
    await this.#daemon?.shutDown("SIGQUIT");
  }
}

// Hint: a killed server leaves shared memory behind, and loses its children only some time later.
function unprivileged(...command: readonly string[]): readonly string[] {
  const user = [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, "--clear-groups"];
  return ["setpriv", ...Deno.uid() === 0 ? user : [], "--pdeathsig", "QUIT", ...command];
}
