import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { runClient } from "./run_client.ts";

/** How long the server may take to start. */
const START_TIMEOUT_MS = 60_000;

/** A running MariaDB with data of its own. */
export interface MariaDb extends AsyncDisposable {
  /** Its port of the loopback address. */
  readonly port: number;
  /** Runs statements as the superuser, and returns what `mariadb` printed. */
  sql(statements: string): Promise<string>;
  /** Adds a user who may log in, or changes its password. */
  setUser(name: string, password: string): Promise<void>;
}

/**
 * Starts MariaDB on a free port of the loopback address.
 *
 * @returns The running server.
 * @throws {Error} If it does not start.
 */
export async function startMariaDb(): Promise<MariaDb> {
  const directory = await Deno.makeTempDir({ prefix: "mariadb-" });
  const [port = 0] = freePorts(1);
  const socket = `${directory}/socket`;
  const user = Deno.uid() === 0 ? ["--user=root"] : [];
  const data = ["--no-defaults", `--datadir=${directory}/data`, ...user];
  const sql = async (statements: string): Promise<string> =>
    (await runClient("mariadb", ["--no-defaults", `--socket=${socket}`, "-u", "root", "-BNe", statements], {})).trim();
  await runClient("mariadb-install-db", [...data, "--auth-root-authentication-method=normal", "--skip-test-db"], {});
  const settings = [
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    `--socket=${socket}`,
    "--innodb-flush-log-at-trx-commit=0",
  ];
  const daemon = new Daemon("mariadbd", ...data, ...settings, `--pid-file=${directory}/pid`);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(directory, { recursive: true });
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (await sql("SELECT 1").catch(() => "") !== "1") {
    if (daemon.ended !== undefined || Date.now() > deadline) {
      await stop();
      throw new Error(`Cannot start MariaDB: ${daemon.ended ?? daemon.output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    sql,
    setUser: async (name, password) => {
      await sql(`CREATE USER IF NOT EXISTS '${name}'@'%'; ALTER USER '${name}'@'%' IDENTIFIED BY '${password}'`);
    },
    [Symbol.asyncDispose]: stop,
  };
}
