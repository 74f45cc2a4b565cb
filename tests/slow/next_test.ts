import { assertEquals, assertStringIncludes } from "@std/assert";
import { type NextApp, startNext } from "../support/packaging/next_app.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";

const CHAIN = `
import { defineChain, env, file, fromEnv, getResolver, required } from "@alphaswarm/credentials";

export const resolver = getResolver(defineChain({
  stores: { file: file({ priority: 200, directory: fromEnv("STATE_DIR") }), env: env({ priority: 100 }) },
  credentials: {
    "db:basic": {
      fields: { user: required(), password: required() },
      from: { file: "db.json", env: { prefix: "DB_" } },
    },
    "seed:basic": { fields: { user: required() }, from: { env: { prefix: "SEED_" } } },
    "ops:describe": { fields: { token: required() }, from: { env: { prefix: "OPS_" } } },
  },
}));
`;

const RESOLVE = `
import { resolver } from "../chain.js";

export const dynamic = "force-dynamic";

export async function GET() {
  const credential = await resolver.resolve("db:basic");
  const seed = await resolver.resolve("seed:basic", { default: { user: "of the caller" } });
  return Response.json({
    source: credential.source,
    user: credential.get("user"),
    trace: credential.trace.map(({ store, outcome }) => store + " " + outcome),
    seed: seed.source,
  });
}
`;

const DESCRIBE = `
import { describeRoute } from "@alphaswarm/credentials/hono";
import { Hono } from "hono";
import { resolver } from "../../chain.js";

export const dynamic = "force-dynamic";

const app = new Hono().route("/describe", describeRoute(resolver, { auth: { credential: "ops:describe" } }));
export const GET = (request) => app.fetch(request);
`;

const EDGE = 'export const runtime = "edge";';

function writeApp(project: Project): void {
  const write = (path: string, text: string) => {
    Deno.mkdirSync(`${project.directory}/${path.replace(/[^/]*$/, "")}`, { recursive: true });
    project.write(path, text);
  };
  write("app/layout.js", "export default ({ children }) => <html><body>{children}</body></html>;");
  write("app/chain.js", CHAIN);
  write("app/edge/route.js", EDGE + RESOLVE);
  write("app/node/route.js", RESOLVE);
  write("app/describe/[[...path]]/route.js", EDGE + DESCRIBE);
  write("state/db.json", '{"user":"minted","password":"fake-file-password"}');
}

async function json(app: NextApp, path: string, headers?: Record<string, string>) {
  const answer = await app.get(path, headers);
  const text = await answer.text();
  assertEquals(answer.status, 200, text);
  return JSON.parse(text);
}

Deno.test("credentials resolve in the routes of a Next.js application, on its edge runtime and on Node", async (t) => {
  using project = await makeProject();
  writeApp(project);
  await using app = await startNext(project, {
    STATE_DIR: `${project.directory}/state`,
    DB_USER: "of the environment",
    DB_PASSWORD: "fake-password",
    OPS_TOKEN: "obviously-fake.token",
  });

  await t.step("an edge route has no files, and uses the environment", async () => {
    const trace = ["file off", "env hit"];
    assertEquals(await json(app, "/edge"), { source: "env", user: "of the environment", trace, seed: "default" });
  });

  await t.step("a Node route uses the file", async () => {
    assertEquals(await json(app, "/node"), { source: "file", user: "minted", trace: ["file hit"], seed: "default" });
  });

  await t.step("an edge route serves the describe route, without a value", async () => {
    assertEquals((await app.get("/describe")).status, 401);
    const description = await json(app, "/describe", { Authorization: "Bearer obviously-fake.token" });
    assertEquals(
      description.stores.map(({ name, state, reason }: Record<string, string>) => [name, state, reason]),
      [["file", "off", "this runtime lacks what it needs"], ["env", "on", undefined]],
    );
    assertEquals(/fake-password|obviously-fake/.test(JSON.stringify(description)), false);
  });

  await t.step("the README's word that Next.js deprecates its edge runtime is still true", () => {
    assertStringIncludes(app.built, "The Edge Runtime is deprecated");
  });
});
