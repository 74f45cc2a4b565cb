import { assertEquals, assertGreater } from "@std/assert";
import { createResolver, defineChain, file, required } from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { until } from "../support/fixtures/until.ts";
import { Page } from "../support/pages/page.ts";
import { writePageProgram } from "../support/pages/page_program.ts";
import type { ServerName } from "../support/servers/get/servers.ts";
import { startMariaDb } from "../support/servers/mariadb.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { startRedis } from "../support/servers/redis.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { TextLineStream } from "../support/servers/text_lines.ts";

const PAGE = new Page("src/clients/README.md");

/** A server, for a documented program. */
interface Server extends AsyncDisposable {
  readonly port: number;
  setUser(name: string, password: string): Promise<void>;
  /** Returns how many connections a user has. */
  connections(user: string): Promise<number>;
}

/** A documented program, and what is done with what it exports: an expression that gives the user. */
interface Documented {
  readonly needs: ServerName;
  readonly heading: string;
  readonly file: string;
  readonly work: string;
  readonly start: () => Promise<Server>;
}

async function redis(): Promise<Server> {
  const server = await startRedis();
  return {
    port: server.port,
    setUser: (name, password) => server.setUser(name, password, "~*", "+@all"),
    connections: async (user) => (await server.cli("CLIENT", "LIST")).split(` user=${user} `).length - 1,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function postgres(): Promise<Server> {
  const server = await startPostgres();
  await server.sql("CREATE DATABASE app");
  return {
    port: server.port,
    setUser: server.setRole,
    connections: async (user) =>
      Number(await server.sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${user}'`)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function mariadb(): Promise<Server> {
  const server = await startMariaDb();
  return {
    ...server,
    connections: async (user) =>
      Number(await server.sql(`SELECT count(*) FROM information_schema.processlist WHERE user = '${user}'`)),
  };
}

const programs: readonly Documented[] = [
  {
    needs: "postgres",
    heading: "PostgreSQL",
    file: "postgres.json",
    work: '(await database.use((pool) => pool.query("SELECT current_user AS name"))).rows[0].name',
    start: postgres,
  },
  {
    needs: "redis",
    heading: "Redis with `ioredis`",
    file: "redis.json",
    work: 'await (await redis()).acl("WHOAMI")',
    start: redis,
  },
  {
    needs: "redis",
    heading: "Redis with `redis`",
    file: "redis.json",
    work: "await (await redis()).aclWhoAmI()",
    start: redis,
  },
  {
    needs: "mariadb",
    heading: "MySQL and MariaDB with `mysql2`",
    file: "mysql.json",
    work: '((await (await pool()).query("SELECT user() AS name"))[0] as any)[0].name.split("@")[0]',
    start: mariadb,
  },
];

/** Works by four callers for as long as its input is open, and prints each new user, then what failed. */
const loop = (work: string) => `
let open = true;
let count = 0;
let last = "";
let begun = 0;
let newest = 0;
const failures: string[] = [];
Deno.stdin.read(new Uint8Array(8)).then(() => open = false);
await Promise.all(Array.from({ length: 4 }, async () => {
  while (open) {
    const at = ++begun;
    try {
      const name = String(${work});
      count++;
      // Hint: what began before another user was seen may end after that, still as the user before.
      if (name !== last && at > newest) console.log(last = name);
      newest = Math.max(newest, at);
    } catch (error) {
      failures.push(String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}));
console.log(JSON.stringify({ count, failures }));
Deno.exit(0);
`;

const DENO = ["run", "--quiet", "--no-lock", "--allow-all"];

for (const { needs, heading, file: name, work, start } of programs) {
  serverTest(`the program of "${heading}" follows two users that take turns, and a new password, and fails no use`, [
    needs,
  ], async () => {
    await using server = await start();
    const code = PAGE.blocks(heading, "ts ignore")[0]
      .replace('host: "127.0.0.1", database', `host: "127.0.0.1", port: ${server.port}, database`)
      .replace(/port: (6379|3306)/, `port: ${server.port}`);
    using program = writePageProgram(`${code}\n${loop(work)}`);
    const resolver = createResolver(defineChain({
      stores: { file: file({ priority: 1, directory: `${program.directory}/state` }) },
      credentials: { "app:login": { fields: { user: required(), password: required() }, from: { file: name } } },
    }));
    const rotate = async (user: string, password: string) => {
      await server.setUser(user, password);
      await persist(resolver, "app:login", { user, password });
    };
    await rotate("app_a", "not-a-secret-1");
    const child = new Deno.Command(Deno.execPath(), {
      args: [...DENO, "--no-check", program.path],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
    const next = async () => (await lines.read()).value ?? await errors;
    assertEquals(await next(), "app_a");
    for (const [user, before] of [["app_b", "app_a"], ["app_a", "app_b"]] as const) {
      await rotate(user, "not-a-secret-2");
      assertEquals(await next(), user);
      await until(
        `no connection of ${before}`,
        async () => await server.connections(before) === 0 || undefined,
        15_000,
      );
    }
    // Open connections stay logged in, and new ones have the new password once it is seen.
    await rotate("app_a", "not-a-secret-3");
    await rotate("app_b", "not-a-secret-4");
    assertEquals(await next(), "app_b");
    await child.stdin.close();
    const { count, failures } = JSON.parse(await next());
    if (Deno.env.get("FIGURES")) console.log(heading, { count });
    assertEquals([failures, await errors], [[], ""]);
    assertGreater(count, 100);
    await child.status;
    await lines.cancel();
  });
}

Deno.test("each documented program, also that for Kafka, has the types of its client", async () => {
  const texts = programs.map(({ heading, work }) => `${PAGE.blocks(heading, "ts ignore")[0]}\n${loop(work)}`);
  using stack = new DisposableStack();
  const made = [...texts, PAGE.blocks("Kafka with `kafkajs`", "ts ignore")[0]].map((text) =>
    stack.use(writePageProgram(text))
  );
  // Hint: one check of all programs takes little longer than that of one.
  using all = writePageProgram(
    `export const load = () => [${made.map(({ path }) => `import("${path}")`).join(", ")}];`,
  );
  assertEquals(await all.check(), "");
});
