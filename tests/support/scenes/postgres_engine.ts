import { startPostgres } from "../servers/postgres.ts";
import type { SceneEngine } from "./engine.ts";

const USER = "fleet";
const TABLE = "shared_tokens";

/** Starts a PostgreSQL for scenes. */
export async function postgresEngine(): Promise<SceneEngine> {
  const postgres = await startPostgres();
  const password = `fake-${crypto.randomUUID()}`;
  let isRunning = true;
  const clear = async (): Promise<void> => void await postgres.sql(`TRUNCATE ${TABLE}`);
  const cut = async (): Promise<void> => {
    await postgres.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '${USER}'`);
  };
  // Hint: a table that is not logged is empty after a crash.
  const start = async (): Promise<void> => {
    if (!isRunning) await postgres.start();
    isRunning = true;
  };
  await postgres.setRole(USER, password);
  await postgres.sql(
    `CREATE UNLOGGED TABLE ${TABLE} (name text PRIMARY KEY, text text NOT NULL, lapses_at timestamptz NOT NULL);` +
      `GRANT SELECT, INSERT, UPDATE ON ${TABLE} TO ${USER}`,
  );
  return {
    settings: { kind: "postgres", port: postgres.port, user: USER },
    password,
    reset: async () => {
      if (isRunning) await postgres.resume();
      await start();
      await clear();
      await postgres.setRole(USER, password);
    },
    entries: async () => {
      const lines = (await postgres.sql(`SELECT name, text FROM ${TABLE} ORDER BY name`)).split("\n");
      return lines.filter((line) => line !== "").map((line) => {
        const [name = "", text = ""] = line.split("|");
        return { name, text };
      });
    },
    put: async ({ name, text }) => {
      await postgres.sql(
        `INSERT INTO ${TABLE} VALUES ('${name}', '${text}', now() + interval '1 day') ` +
          `ON CONFLICT (name) DO UPDATE SET text = excluded.text`,
      );
    },
    clear,
    pause: () => postgres.pause(),
    resume: () => postgres.resume(),
    kill: async () => {
      isRunning = false;
      await postgres.kill();
    },
    start,
    cut,
    rotate: async (password) => {
      await postgres.setRole(USER, password);
      await cut();
    },
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  };
}
