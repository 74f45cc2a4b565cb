import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { bundleWorker } from "../support/packaging/bundle_worker.ts";
import { makeProject, runtimes } from "../support/packaging/project.ts";
import { Page } from "../support/pages/page.ts";
import { Daemon } from "../support/servers/daemon.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { startWorker } from "../support/tokens/worker_process.ts";

const SECRET = "fake-value-of-a-secret";

Deno.test("the documented Cloudflare Worker answers concurrent requests from its bindings on workerd", async () => {
  using project = await makeProject();
  const bundle = await bundleWorker(project, new Page("src/core/README.md").snippet("waitUntil: (promise)"));
  for (const compatibilityDate of ["2024-06-01", "2026-04-01"]) {
    await using worker = await startWorker({
      bundle,
      workerd: `${project.modules}/.bin/workerd`,
      compatibilityDate,
      bindings: { NEO4J_USER: "worker", NEO4J_PASSWORD: SECRET },
    });
    const get = async () => {
      const answer = await fetch(worker.url);
      return `${answer.status} ${await answer.text()}`;
    };
    const answers = new Set(await Promise.all(Array.from({ length: 200 }, get)));
    assertEquals([...answers], ["200 as worker, from env"]);
  }
});

Deno.test("the documented Bun server answers from the environment, and from a file that is added while it runs", async () => {
  using project = await makeProject();
  const [port = 0] = freePorts(1);
  const example = new Page("src/core/README.md").snippet("Bun.serve");
  assert(example.includes("port: 8080"), "the port of the example");
  project.write("server.ts", example.replace("port: 8080", `port: ${port}`));
  project.write("chain.config.ts", Deno.readTextFileSync(new URL("chain.config.ts", rootUrl)));
  Deno.mkdirSync(`${project.directory}/data/bootstrap`, { recursive: true });
  const env = ["ALPHASWARM_NEO4J_USER=seed", `ALPHASWARM_NEO4J_PASSWORD=${SECRET}`];
  const bun = [project.program("bun"), "--no-install", "server.ts"];
  const server = new Daemon("env", "-C", project.directory, ...env, ...bun);
  try {
    const url = `http://127.0.0.1:${port}/`;
    assertEquals(await answerOf(url, server, (text) => text !== ""), "from env");
    const path = "data/bootstrap/neo4j-credentials.json";
    project.write(`${path}.new`, JSON.stringify({ user: "runtime", password: SECRET }));
    Deno.renameSync(`${project.directory}/${path}.new`, `${project.directory}/${path}`);
    assertEquals(await answerOf(url, server, (text) => text !== "from env"), "from file");
  } finally {
    await server.stop();
  }
});

for (const runtime of runtimes) {
  Deno.test(`the documented program of two lines is the command line on ${runtime}`, async () => {
    using project = await makeProject();
    const node20 = runtime === "node-20";
    const [program, config] = node20 ? ["credentials.mjs", "chain.config.mjs"] : ["credentials.ts", "chain.config.ts"];
    project.write(program, new Page("src/cli/README.md").snippet("await main()"));
    project.write(
      config,
      `import { defineChain, env, required } from "@alphaswarm/credentials";
export default defineChain({
  stores: { env: env({ priority: 1 }) },
  credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
});`,
    );
    const command = (...args: readonly string[]) =>
      project.run(runtime, [program, ...args, ...node20 ? ["--config", config] : []]);
    const described = await command("describe");
    assertEquals([described.code, described.err], [0, ""]);
    assertStringIncludes(described.out, "missing  db:basic");
    assertEquals((await command("check")).code, 1);
  });
}

/** Polls a server, for half a minute at most, until its answer is the expected one. */
async function answerOf(url: string, server: Daemon, expected: (text: string) => boolean): Promise<string> {
  for (const end = Date.now() + 30_000;;) {
    const text = await fetch(url).then((answer) => answer.text(), () => "");
    if (expected(text) || Date.now() > end) return text;
    if (server.ended !== undefined) throw new Error(server.ended);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
