import pg from "npm:pg@^8.23.1";
import { createClient, ErrorReply } from "npm:redis@^6.3.1";
import { postgres, redis } from "../../../src/share/mod.ts";

/** How a machine reaches its engine; the password is a credential of its chain. */
export interface EngineSettings {
  readonly kind: "redis" | "postgres";
  readonly port: number;
  readonly user: string;
}

/** Long enough that a busy machine proves nothing false. */
const PATIENT = { lease: 10_000, timeout: 5_000 };

/** Shares by an engine, with the clients that most users have. */
export function shareOn({ kind, port, user }: EngineSettings) {
  const options = { credential: "fleet:engine", seal: "fleet:seal", ...PATIENT } as const;
  if (kind === "redis") {
    return redis({
      ...options,
      connect: async (credential) => {
        const password = String(credential!.get("password"));
        const client = createClient({
          username: user,
          password,
          disableOfflineQueue: true,
          // Hint: without it, a wrong password is tried forever.
          socket: { host: "127.0.0.1", port, reconnectStrategy: (_, cause) => !(cause instanceof ErrorReply) && 200 },
        });
        await client.on("error", () => {}).connect();
        return { send: (command) => client.sendCommand([...command]), close: () => client.destroy() };
      },
    });
  }
  return postgres({
    ...options,
    connect: (credential) => {
      const password = String(credential!.get("password"));
      const pool = new pg.Pool({ host: "127.0.0.1", port, user, password, database: "postgres", max: 1 });
      pool.on("error", () => {});
      return {
        query: async (text, values) => (await pool.query(text, [...values])).rows,
        close: () => pool.end(),
      };
    },
  });
}
