import { assertEquals, assertExists, assertMatch } from "@std/assert";
import { CONFORMS } from "../support/share/conforms.ts";
import { type Asked, type EngineProgram, preparePrograms, runtimes } from "../support/share/engine_programs.ts";
import { standInForUpstash } from "../support/share/upstash.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { startRedis } from "../support/servers/redis.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

type Runtime = typeof runtimes[number];
type Client = readonly [client: string, on: readonly Runtime[]];

const REDIS: readonly Client[] = [["node-redis", runtimes], ["ioredis", runtimes], ["Bun's own client", ["bun"]]];
const POSTGRES: readonly Client[] = [["node-postgres", runtimes], ["Postgres.js", runtimes], ["Bun's own client", [
  "bun",
]]];

/** Rules of the smallest user that the documentation names. */
const RULES = ["~credentials:*", "+eval", "+get", "+psetex", "+time"];
const PASSWORD = "fake-password";

/** Runs each client on each of its runtimes. */
async function each(
  t: Deno.TestContext,
  clients: readonly Client[],
  start: (client: string, runtime: Runtime) => Promise<EngineProgram>,
  run: (program: EngineProgram) => Promise<void>,
): Promise<void> {
  for (const [client, on] of clients) {
    for (const runtime of on) {
      await t.step(`${client} on ${runtime}`, async () => {
        await using program = await start(client, runtime);
        await run(program);
        assertEquals(await program.end(), { code: 0, errors: "" });
      });
    }
  }
}

async function conforms(program: EngineProgram): Promise<void> {
  assertEquals(await program.ask("conformance"), CONFORMS);
  if (Deno.env.get("FIGURES")) console.log(JSON.stringify(await program.ask("measure")));
}

/** Asks for as long as a server takes to come back. */
async function answersAgain(program: EngineProgram): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await program.ask("getSoon");
    if (answer.now !== undefined) return;
    if (Date.now() > deadline) throw new Error(`Expected an answer again, found ${JSON.stringify(answer)}`);
    await program.ask("close");
  }
}

/** The program goes on while its server is away, and asks it again once it is back. */
async function survives(program: EngineProgram, server: { kill(): Promise<void>; start(): Promise<void> }) {
  assertExists((await program.ask("get")).now);
  await server.kill();
  const { now, refused, late } = await program.ask("getSoon").finally(server.start);
  assertEquals([now, refused ?? "unavailable", late ?? true], [undefined, "unavailable", true]);
  await answersAgain(program);
}

serverTest(
  "every documented client shares tokens by a real Redis as a user without further rights",
  ["redis"],
  async (t) => {
    using programs = await preparePrograms();
    await using redis = await startRedis();
    await redis.setUser("fleet", PASSWORD, ...RULES);
    const url = `redis://fleet:${PASSWORD}@127.0.0.1:${redis.port}`;
    await each(t, REDIS, (client, runtime) => programs.start({ engine: "redis", client, runtime, url }), conforms);
    await using upstash = await standInForUpstash(url);
    const ask = (runtime: Runtime) => ({ engine: "redis", client: "Upstash's REST API", runtime, ...upstash }) as const;
    await each(t, [["Upstash's REST API", runtimes]], (_, runtime) => programs.start(ask(runtime)), conforms);
  },
);

serverTest(
  "every documented client shares tokens by a real PostgreSQL as a role without further rights",
  ["postgres"],
  async (t) => {
    using programs = await preparePrograms();
    await using postgres = await startPostgres();
    const url = await withTable(postgres);
    for (const level of ["read committed", "serializable"]) {
      await postgres.sql(`ALTER ROLE fleet SET default_transaction_isolation = '${level}'`);
      const start = (client: string, runtime: Runtime) => programs.start({ engine: "postgres", client, runtime, url });
      await t.step(level, (t) => each(t, POSTGRES, start, conforms));
    }
  },
);

serverTest(
  "every documented client says that a login is refused, without the password",
  ["redis", "postgres"],
  async (t) => {
    using programs = await preparePrograms();
    await using redis = await startRedis();
    await using postgres = await startPostgres();
    await withTable(postgres);
    await using upstash = await standInForUpstash(`redis://:${redis.password}@127.0.0.1:${redis.port}`);
    const urls = {
      redis: `redis://fleet:wrong-password@127.0.0.1:${redis.port}`,
      postgres: `postgres://fleet:wrong-password@127.0.0.1:${postgres.port}/postgres`,
    };
    const refused = async (program: EngineProgram) => {
      const { refused, detail } = await program.ask("get");
      assertEquals(refused, "denied");
      assertMatch(
        String(detail),
        /^the server refuses the login: expected a (user|role) and a password that it knows$/,
      );
    };
    for (const [engine, clients] of [["redis", REDIS], ["postgres", POSTGRES]] as const) {
      const start = (client: string, runtime: Runtime) =>
        programs.start({ engine, client, runtime, url: urls[engine] } as Asked);
      await t.step(engine, (t) => each(t, clients, start, refused));
    }
    const wrong = { engine: "redis", client: "Upstash's REST API", url: upstash.url, token: "wrong-password" } as const;
    await each(t, [[wrong.client, runtimes]], (_, runtime) => programs.start({ ...wrong, runtime }), refused);
  },
);

serverTest(
  "no documented client ends a program whose server is lost, and each finds it again",
  ["redis", "postgres"],
  (t) =>
    withServers(async ({ redis, postgres, startOn }) => {
      for (const [engine, clients, server] of [["redis", REDIS, redis], ["postgres", POSTGRES, postgres]] as const) {
        const start = startOn(engine);
        await t.step(engine, (t) => each(t, clients, start, (program) => survives(program, server)));
      }
    }),
);

serverTest(
  "no documented client keeps a program running that left its server, also one that hangs or is away",
  ["redis", "postgres"],
  (t) =>
    withServers(async ({ redis, postgres, startOn }) => {
      // Hint: Postgres.js waits for the server to close the connection, as its documentation here says.
      const leaves = POSTGRES.filter(([client]) => client !== "Postgres.js");
      const leave = async (program: EngineProgram): Promise<void> => {
        await program.ask("getSoon");
        assertEquals(await program.leave(), true);
      };
      for (const [engine, clients, server] of [["redis", REDIS, redis], ["postgres", leaves, postgres]] as const) {
        const start = startOn(engine);
        await t.step(`${engine} is there`, (t) => each(t, engine === "redis" ? REDIS : POSTGRES, start, leave));
        await t.step(`${engine} hangs later`, (t) =>
          each(t, clients, start, async (program) => {
            await program.ask("get");
            await server.pause();
            await leave(program).finally(() => server.resume());
          }));
        await server.pause();
        await t.step(`${engine} hangs`, (t) => each(t, clients, start, leave)).finally(() => server.resume());
        await server.kill();
        await t.step(`${engine} is away`, (t) => each(t, clients, start, leave)).finally(() => server.start());
      }
    }),
);

/** Runs a test with both servers, and with what starts a client's program on one. */
async function withServers(
  run: (servers: {
    readonly redis: Awaited<ReturnType<typeof startRedis>>;
    readonly postgres: Awaited<ReturnType<typeof startPostgres>>;
    readonly startOn: (
      engine: "redis" | "postgres",
    ) => (client: string, runtime: Runtime) => Promise<EngineProgram>;
  }) => Promise<void>,
): Promise<void> {
  using programs = await preparePrograms();
  await using redis = await startRedis();
  await using postgres = await startPostgres();
  const urls = {
    redis: `redis://:${redis.password}@127.0.0.1:${redis.port}`,
    postgres: await withTable(postgres),
  };
  const startOn = (engine: "redis" | "postgres") => (client: string, runtime: Runtime) =>
    programs.start({ engine, client, runtime, url: urls[engine] } as Asked);
  await run({ redis, postgres, startOn });
}

/** Creates the documented table and role; returns the role's URL. */
async function withTable(postgres: Awaited<ReturnType<typeof startPostgres>>): Promise<string> {
  await postgres.setRole("fleet", PASSWORD);
  await postgres.sql(await documentedSql());
  return `postgres://fleet:${PASSWORD}@127.0.0.1:${postgres.port}/${postgres.database}`;
}

/** Returns the documented statements: that which creates the table, and its grant. */
async function documentedSql(): Promise<string> {
  const text = await Deno.readTextFile(new URL("../../src/share/engines/postgres.ts", import.meta.url));
  const [, sql = ""] = /```sql\n([\s\S]*?) \* ```/.exec(text) ?? [];
  return sql.replace(/^ \* ?/gm, "");
}
