import { startPostgres } from "../servers/postgres.ts";
import type { SceneEngine } from "./engine.ts";

const USER = "fleet";
const TABLE = "credential_share";

/** Starts a PostgreSQL for scenes. */
export async function postgresEngine(): Promise<SceneEngine> {
  const postgres = await startPostgres();
  const password = `fake-${crypto.randomUUID()}`;
  let isRunning = true;
  const clear = async (): Promise<void> => void await postgres.sql(`TRUNCATE ${TABLE}`);
  const start = async (): Promise<void> => {
    if (!isRunning) await postgres.start();
    isRunning = true;
    await clear();
  };
  await postgres.setRole(USER, password);
  return {
    settings: { kind: "postgres", port: postgres.port, user: USER },
    password,
    reset: async () => {
      if (isRunning) await postgres.resume();
      await start();
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
      await postgres.sql(`UPDATE ${TABLE} SET text = '${text}' WHERE name = '${name}'`);
    },
    clear,
    pause: () => postgres.pause(),
    resume: () => postgres.resume(),
    kill: async () => {
      isRunning = false;
      await postgres.kill();
    },
    start,
    rotate: async (password) => {
      await postgres.setRole(USER, password);
      await postgres.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '${USER}'`);
    },
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  };
}
