import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { until } from "../support/fixtures/until.ts";
import { installRuntimes } from "../support/runtimes/install.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { TextLineStream } from "../support/servers/text_lines.ts";
import { startVaultDatabase } from "../support/servers/vault_database.ts";
import { installClients } from "../support/share/engine_programs.ts";

const LOAD_MS = 40_000;
/** How long a lease lives at most. */
const LEASE_MS = 24_000;

/** A program that queries. */
interface Program {
  /** What came of its queries, with each client. */
  readonly results: Promise<readonly { name: string; failures: string[]; queries: number; users: number }[]>;
  /** Lets it end in order. */
  close(): Promise<{ readonly code: number; readonly errors: string }>;
  /** Kills it. */
  kill(): Promise<unknown>;
}

function start([program = "", ...args]: readonly string[], settings: object, cwd: string): Program {
  const env = { SETTINGS: JSON.stringify(settings) };
  const child = new Deno.Command(program, { args, env, cwd, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  const errors = new Response(child.stderr).text();
  const results = (async () => {
    const { value } = await lines.read();
    await lines.cancel();
    if (value === undefined) throw new Error(await errors);
    return JSON.parse(value);
  })();
  return {
    results,
    close: async () => {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("close\n"));
      await writer.close();
      return { code: (await child.status).code, errors: await errors };
    },
    kill: async () => {
      child.kill("SIGKILL");
      await Promise.all([child.status, child.stdin.close().catch(() => {}), errors]);
    },
  };
}

/** Bundles the program, since an older Node cannot run TypeScript; clients stay what the runtime imports. */
async function bundle(directory: string): Promise<void> {
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("../support/programs/query_by_leases.ts", import.meta.url))],
    outfile: `${directory}/program.mjs`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "error",
    plugins: [{
      name: "clients",
      setup: (build) =>
        build.onResolve({ filter: /^npm:/ }, ({ path }) => ({ path: path.split(/[:@]/)[1]!, external: true })),
    }],
  });
  await esbuild.stop();
}

serverTest(
  "processes on every runtime query by leases that are replaced, and fail none; what one that is killed had leased ends by itself",
  ["openbao", "postgres"],
  async () => {
    const modules = await installRuntimes();
    const directory = makeDirectory();
    await bundle(directory.path);
    Deno.symlinkSync(await installClients(), `${directory.path}/node_modules`);
    Deno.writeTextFileSync(`${directory.path}/package.json`, JSON.stringify({ type: "module" }));
    await using servers = await startVaultDatabase();
    await servers.addRole("app", { ttl: "16s", max: `${LEASE_MS / 1_000}s` });
    const values = await servers.vault.addAppRole("app", { token_ttl: "16s", token_max_ttl: "28s" });
    const { port, database } = servers.postgres;
    const settings = { url: servers.vault.url, values, server: { port, database, max: 3 }, ms: LOAD_MS };
    const denoArgs = ["run", "--no-config", "--no-prompt", "--node-modules-dir=manual", "--allow-all", "program.mjs"];
    const commands: Record<string, readonly string[]> = {
      "node 20": [`${modules}/node-20/bin/node`, "program.mjs"],
      "node 24": [`${modules}/node-24/bin/node`, "program.mjs"],
      "node 26": [`${modules}/node-26/bin/node`, "program.mjs"],
      bun: [`${modules}/.bin/bun`, "--no-install", "program.mjs"],
      deno: [Deno.execPath(), ...denoArgs],
    };
    const programs = Object.entries(commands).map(([runtime, command]) =>
      [runtime, start(command, settings, directory.path)] as const
    );
    for (const [runtime, { results }] of programs) {
      for (const { name, failures, queries, users } of await results) {
        if (Deno.env.get("FIGURES")) console.log(runtime, { name, queries, users });
        assertEquals(failures, [], `${name} on ${runtime}`);
        assertGreater(queries, 100);
        assertGreater(users, 1);
        assertLess(users, 8);
      }
    }
    const killed = programs.pop()![1];
    await killed.kill();
    const killedAt = Date.now();
    for (const [runtime, program] of programs) {
      assertEquals(await program.close(), { code: 0, errors: "" }, runtime);
    }
    const left = await servers.users();
    assert(left.length === 1 || left.length === 2, `Expected what the killed one had leased, found ${left.length}`);
    await until("no user", async () => (await servers.users()).length === 0 || undefined, LEASE_MS + 30_000);
    if (Deno.env.get("FIGURES")) console.log({ goneAfter: Date.now() - killedAt });
    directory.remove();
  },
);
