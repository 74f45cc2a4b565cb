import type { MaybePromise } from "../../core/chain/eventually.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { OpenRegister } from "../../core/chain/share.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { defineEngine, type EngineFactory } from "../define/define_engine.ts";
import { calling, connecting } from "../client/client_failure.ts";

/** What every key begins with. */
const PREFIX = "credentials:";
const GET = "local t=redis.call('TIME') return {t[1],t[2],redis.call('GET',KEYS[1])}";
const SWAP = "if redis.call('GET',KEYS[1])~=(ARGV[3] or false) then return 0 end " +
  "redis.call('PSETEX',KEYS[1],ARGV[2],ARGV[1]) return 1";

/**
 * The connection of a Redis client.
 *
 * @example Count the commands
 * ```ts
 * import type { RedisConnection } from "@alphaswarm/credentials/share";
 *
 * export function counted(
 *   { send, close }: RedisConnection,
 *   count: (command: string) => void,
 * ): RedisConnection {
 *   return {
 *     send: (command) => {
 *       count(command[0]); // "EVAL": each question to the engine is one
 *       return send(command);
 *     },
 *     close: () => close?.(),
 *   };
 * }
 * ```
 * @category Share
 */
export interface RedisConnection {
  /**
   * Sends one command.
   *
   * @param command The name of the command, and its arguments.
   * @returns The reply as the client gives it, or the object of Upstash's REST API that contains it.
   */
  send(command: readonly [name: string, ...args: string[]]): Promise<unknown>;
  /** Closes the connection, without waiting for replies. */
  close?(): MaybePromise<unknown>;
}

/**
 * The options of `redis` besides those of every engine.
 *
 * @example Without a credential, on loopback
 * ```ts
 * import { redis, type RedisConnection, type RedisOptions } from "@alphaswarm/credentials/share";
 *
 * export function shareBy(connect: (url: string) => RedisConnection) {
 *   const options: RedisOptions = { connect: () => connect("redis://127.0.0.1:6379") };
 *   return redis({ seal: "fleet:seal", ...options });
 * }
 * ```
 * @category Share
 */
export interface RedisOptions {
  /**
   * Connects to the server.
   *
   * @param credential The credential that the option `credential` names; absent without that option.
   */
  readonly connect: (credential: NeededCredential | undefined) => MaybePromise<RedisConnection>;
}

/**
 * Shares tokens by Redis 2.6 or newer, Valkey, Upstash, or another server with their commands. Each token is the text
 * of one key, which expires. All keys begin with `credentials:`, and the user needs no more than `~credentials:* +eval
 * +get +psetex +time`, and `+select` for a database other than 0. On a Redis Cluster, each command has one key. Connect
 * to the primary. The client need not reconnect by itself: after a connection is lost, another one is opened. Dispose
 * of the resolver to let a program end, since an open connection keeps it running.
 *
 * @example node-redis
 * ```ts
 * import { redis } from "@alphaswarm/credentials/share";
 * import { createClient } from "npm:redis@^6.3.1";
 *
 * const share = redis({
 *   credential: "fleet:redis",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const client = createClient({
 *       url: String(credential?.get("url")),
 *       socket: { reconnectStrategy: false },
 *     });
 *     client.on("error", () => {}); // Without this, a lost connection ends the process.
 *     const connected = client.connect();
 *     connected.catch(() => {}); // Only `send` waits for it, so that it can be closed meanwhile.
 *     return {
 *       send: async (command) => (await connected).sendCommand(command),
 *       close: () => client.destroy(),
 *     };
 *   },
 * });
 * ```
 *
 * @example ioredis
 * ```ts
 * import { redis } from "@alphaswarm/credentials/share";
 * import { Redis } from "npm:ioredis@^6.0.0";
 *
 * const share = redis({
 *   credential: "fleet:redis",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const client = new Redis(String(credential?.get("url")), {
 *       enableReadyCheck: false,
 *       maxRetriesPerRequest: 1,
 *     });
 *     client.on("error", () => {}); // Without this, it prints what the server answers.
 *     return {
 *       send: ([name, ...args]) => client.call(name, ...args),
 *       close: () => client.disconnect(),
 *     };
 *   },
 * });
 * ```
 *
 * @example Bun's own client
 * ```ts ignore
 * import { redis } from "@alphaswarm/credentials/share";
 * import { RedisClient } from "bun";
 *
 * const share = redis({
 *   credential: "fleet:redis",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const client = new RedisClient(String(credential?.get("url")), { autoReconnect: false });
 *     return { send: ([name, ...args]) => client.send(name, args), close: () => client.close() };
 *   },
 * });
 * ```
 *
 * @example Upstash's REST API
 * ```ts
 * import { redis } from "@alphaswarm/credentials/share";
 *
 * const share = redis({
 *   credential: "fleet:redis",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const url = String(credential?.get("url"));
 *     const headers = { authorization: `Bearer ${credential?.get("token")}` };
 *     const post = (body: string) => fetch(url, { method: "POST", headers, body });
 *     return { send: async (command) => (await post(JSON.stringify(command))).json() };
 *   },
 * });
 * ```
 * @category Share
 */
export const redis: EngineFactory<RedisOptions> = /* @__PURE__ */ defineEngine<RedisOptions>({
  kind: "redis",
  options: { connect: "function" },
  open: openRedis,
});

/** Connects, and returns the register of the connection. */
export async function openRedis(
  credential: NeededCredential | undefined,
  { connect }: RedisOptions,
): Promise<OpenRegister> {
  const connection = await connecting(() => connect(credential), "send", refusalOf);
  const run = async (script: string, name: string, ...args: string[]): Promise<unknown> => {
    const reply = await calling(() => connection.send(["EVAL", script, "1", PREFIX + name, ...args]), refusalOf);
    const { error, result = reply } = Object(reply) as { readonly error?: unknown; readonly result?: unknown };
    if (error !== undefined) throw refusalOf({ message: error });
    return result;
  };
  return {
    get: async (name) => {
      const [seconds, microseconds, found] = listOf(await run(GET, name)).map(textOf);
      const now = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
      if (!Number.isFinite(now)) throw misunderstood();
      return found === undefined ? { now } : { now, text: found, version: found };
    },
    swap: async (name, before, text, ttl) => {
      const expected = before === undefined ? [] : [String(before)];
      const done = textOf(await run(SWAP, name, text, `${Math.max(1, Math.ceil(ttl))}`, ...expected));
      if (done !== "0" && done !== "1") throw misunderstood();
      return done === "1" ? text : undefined;
    },
    close: () => connection.close?.(),
  };
}

function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw misunderstood();
  return reply;
}

/** Returns a part of a reply, which clients give as text, bytes or a number, as text. */
function textOf(part: unknown): string | undefined {
  if (part instanceof Uint8Array) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(part);
  return part === null || part === undefined ? undefined : String(part);
}

function misunderstood(): Refusal {
  return invalid("the reply is not one of Redis: expected that `send` returns the reply to its command");
}

/** Returns the refusal for what a client threw, by the words of Redis, its older versions and Upstash. */
function refusalOf(error: unknown): Refusal {
  const message = String((error as { readonly message?: unknown } | null | undefined)?.message).slice(0, 1_000);
  if (/unknown (redis )?command|not allowed from script|command is not available/i.test(message)) {
    return invalid("the server lacks a command: expected Redis 2.6 or newer, with EVAL, GET, PSETEX and TIME");
  }
  if (/\bNOPERM\b.*'select'/i.test(message)) {
    return denied("the user lacks a permission: grant +select, or connect to database 0");
  }
  if (/\bNOPERM\b|user executing the script|ACL failure/.test(message)) {
    return denied(`the user lacks a permission: grant ~${PREFIX}* +eval +get +psetex +time`);
  }
  if (/\b(NOAUTH|WRONGPASS|DENIED)\b|unauthorized|invalid password|without any password/i.test(message)) {
    return denied("the server refuses the login: expected a user and a password that it knows");
  }
  if (/\b(MOVED|ASK|CROSSSLOT)\b/.test(message)) {
    return invalid("the server is part of a Redis Cluster: connect with the client's class for clusters");
  }
  if (/\bWRONGTYPE\b/.test(message)) {
    return invalid(`a key holds something else: use no keys that begin with ${PREFIX} for another purpose`);
  }
  if (/\bREADONLY\b/.test(message)) return unavailable("the server is a read-only replica: connect to the primary");
  const [code] = /\b(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|OOM|TRYAGAIN)\b/.exec(message) ?? [];
  return unavailable(code ? `the server cannot answer now: ${code}` : "no answer from the server");
}
