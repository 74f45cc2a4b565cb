import neo4j from "npm:neo4j-driver@^6.3.0";
import { startService } from "./service_process.ts";

/** What the server process reports when it is ready. */
export interface Neo4jReady {
  /** Its URL, for the driver. */
  readonly url: string;
  /** The process id of the database. */
  readonly javaPid: number;
}

/** A running Neo4j with one user. */
export interface Neo4j extends Neo4jReady, AsyncDisposable {
  /** The process id of the server process, which supervises the database. */
  readonly pid: number;
  /** The name of the user. */
  readonly user: string;
  /** Changes the user's password. */
  rotate(from: string, to: string): Promise<void>;
  /** Stops the database, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts Neo4j's Community Edition on a free port of the loopback address.
 *
 * @param password The user's password.
 * @returns The running database.
 * @throws {Error} If it cannot be got, or does not start.
 *
 * @example
 * ```ts
 * await using database = await startNeo4j("fake-password");
 * ```
 */
export async function startNeo4j(password: string): Promise<Neo4j> {
  const { pid, ready, stop } = await startService<Neo4jReady>(new URL("./neo4j_server.ts", import.meta.url), {});
  const user = "neo4j";
  const rotate = async (from: string, to: string): Promise<void> => {
    const driver = neo4j.driver(ready.url, neo4j.auth.basic(user, from));
    try {
      const query = "ALTER CURRENT USER SET PASSWORD FROM $from TO $to";
      await driver.executeQuery(query, { from, to }, { database: "system" });
    } finally {
      await driver.close();
    }
  };
  try {
    // Hint: the initial password of a new database must be changed before any other use.
    await rotate("neo4j", password);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...ready, pid, user, rotate, stop, [Symbol.asyncDispose]: stop };
}
