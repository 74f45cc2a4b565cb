import { startRedis } from "../servers/redis.ts";
import type { SceneEngine } from "./engine.ts";

const USER = "fleet";
/** What the fleet's user may do, as the documentation says. */
const RULES = ["~credentials:*", "+eval", "+get", "+psetex", "+time"];

/** Starts a Redis for scenes. */
export async function redisEngine(): Promise<SceneEngine> {
  const redis = await startRedis();
  const password = `fake-${crypto.randomUUID()}`;
  let isRunning = true;
  const start = async (): Promise<void> => {
    if (!isRunning) await redis.start();
    isRunning = true;
    await redis.setUser(USER, password, ...RULES);
  };
  const cut = async () => void await redis.cli("CLIENT", "KILL", "USER", USER);
  const entries = async () => {
    const names = (await redis.cli("KEYS", "*")).split("\n").filter((name) => name !== "").sort();
    return await Promise.all(names.map(async (name) => ({ name, text: await redis.cli("GET", name) })));
  };
  return {
    settings: { kind: "redis", port: redis.port, user: USER },
    password,
    reset: async () => {
      if (isRunning) redis.resume();
      await start();
      await redis.cli("FLUSHALL");
    },
    entries,
    put: async ({ name, text }) => void await redis.cli("SET", name, text),
    clear: async () => void await redis.cli("FLUSHALL"),
    pause: () => Promise.resolve(redis.pause()),
    resume: () => Promise.resolve(redis.resume()),
    kill: async () => {
      isRunning = false;
      await redis.kill();
    },
    start,
    cut,
    rotate: async (password) => {
      await redis.setUser(USER, password, ...RULES);
      await cut();
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
}
