// Deno, Bun and Node: queries with a pool of each client, whose users are leases of a server, prints a line of JSON about it,
// and ends when it is told to.
import process from "node:process";
import { postgresPool } from "../../../src/clients/postgres.ts";
import { after, answered, clientsOf, underLoad } from "../fixtures/postgres_pools.ts";
import { vaultResolver } from "../fixtures/vault_chain.ts";

/** The variable that has the settings. */
const { url, values, server, ms } = JSON.parse(process.env.SETTINGS!);

const resolver = vaultResolver({ url, values, dynamic: { overlap: 2_000 } });
const loads = await Promise.all(
  clientsOf(server).map(async ({ name, build, query }) => {
    const pool = postgresPool(resolver, "pg:app", build, { overlap: 1_900 });
    const ask = () => pool.use((each) => query(each, "SELECT current_user, pg_sleep(0.1)"));
    const load = await underLoad(6, after(ms), ask);
    const { failures, answers } = load;
    return { pool, result: { name, failures, queries: answered(load), users: answers.size } };
  }),
);
console.log(JSON.stringify(loads.map(({ result }) => result)));
await new Promise((resolve) => process.stdin.once("data", resolve));
await Promise.all(loads.map(({ pool }) => pool[Symbol.asyncDispose]()));
await resolver[Symbol.asyncDispose]();
process.stdin.destroy();
