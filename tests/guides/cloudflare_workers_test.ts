/**
 * The guide for Cloudflare Workers: its Worker runs on workerd as it stands there, its configuration has the names that it
 * reads, and it is as large as the guide says.
 */
import { assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { parse } from "jsonc-parser";
import { edgeBundleSize, stopBundling } from "../support/edge_bundle.ts";
import { Page, withValues } from "../support/pages/page.ts";
import { type GuideWorkers, type GuideWorkersOptions, startGuideWorkers } from "../support/guides/guide_workers.ts";
import { bundleWorker } from "../support/packaging/bundle_worker.ts";
import { makeProject } from "../support/packaging/project.ts";
import { startWorker } from "../support/tokens/worker_process.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";

const GUIDE = new Page(".github/guides/cloudflare_workers.md");
const WORKER = GUIDE.file("src/worker.ts");

/** What the guide's configuration declares. */
interface Configuration {
  readonly main: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets_store_secrets: readonly { readonly binding: string; readonly secret_name: string }[];
  readonly durable_objects: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly migrations: readonly { readonly new_sqlite_classes: readonly string[] }[];
  readonly compatibility_date: string;
}

const CONFIGURATION: Configuration = parse(GUIDE.file("wrangler.jsonc"));
/** What workerd has of itself and bundlers leave alone. */
const EXTERNAL = ["cloudflare:workers"];
const SEAL = btoa("fake-seal-fake-seal-fake-seal-32");

Deno.test("the configuration of the guide declares what its Worker reads, exports and is told to create", () => {
  const { main, vars, secrets_store_secrets: secrets, durable_objects: objects, migrations } = CONFIGURATION;
  assertEquals(GUIDE.file(main), WORKER);
  const commands = GUIDE.blocks("The configuration", "sh")[0];
  const [, sealName = ""] = /secret put (\w+)/.exec(commands) ?? [];
  assertStringIncludes(commands, `--name ${secrets[0]!.secret_name} `);
  const read = ["TOKEN_URL", "M2M_CLIENT_ID", "M2M_CLIENT_SECRET", "FLEET_SEAL_KEY", "POLARIS_URL"];
  const declared = [...Object.keys(vars), ...secrets.map(({ binding }) => binding), sealName];
  assertEquals(declared.toSorted(), read.toSorted());
  const [{ name, class_name: className }] = objects.bindings as [{ name: string; class_name: string }];
  assertStringIncludes(WORKER, `bindings.${name} `);
  assertStringIncludes(WORKER, `export { ${className} }`);
  assertEquals(migrations[0]!.new_sqlite_classes, [className]);
  const local = GUIDE.file(".dev.vars").split("\n").slice(1).map((line) => line.split("=")[0]!).filter(Boolean);
  assertEquals(local.filter((name) => !read.includes(name)), []);
  const [, seal = ""] = /FLEET_SEAL_KEY="(.*)"/.exec(GUIDE.file(".dev.vars")) ?? [];
  assertEquals(atob(seal).length, 32);
});

/** Bundles the Worker of the guide, to start it as two Workers of one namespace beside a real token server. */
async function makeWorkers() {
  await using stack = new AsyncDisposableStack();
  const oidc = stack.use(await startOidcProvider());
  const project = stack.use(await makeProject());
  const { clientId, clientSecret } = oidc.clients.basic;
  const source = withValues(WORKER, { "/v1/config": "/protected/polaris" });
  const bundle = await bundleWorker(project, source, EXTERNAL);
  const options: GuideWorkersOptions = {
    bundle,
    workerd: `${project.modules}/.bin/workerd`,
    compatibilityDate: CONFIGURATION.compatibility_date,
    texts: {
      ...CONFIGURATION.vars,
      TOKEN_URL: oidc.tokenEndpoint,
      POLARIS_URL: oidc.issuer,
      M2M_CLIENT_ID: clientId,
      FLEET_SEAL_KEY: SEAL,
    },
    secret: { M2M_CLIENT_SECRET: clientSecret },
  };
  const owned = stack.move();
  return {
    oidc,
    clientId,
    source,
    bundle: (contents: string) => bundleWorker(project, contents, EXTERNAL),
    start: (changed: Partial<GuideWorkersOptions> = {}) => startGuideWorkers({ ...options, ...changed }),
    texts: options.texts,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Returns what several requests are answered, of which each Worker gets every second one. */
async function answersOf({ urls }: GuideWorkers, count: number): Promise<readonly string[]> {
  const one = async (_: unknown, index: number) => {
    const answer = await fetch(urls[index % 2]!);
    return `${answer.status} ${(await answer.json()).client_id}`;
  };
  return [...new Set(await Promise.all(Array.from({ length: count }, one)))];
}

Deno.test("the guide's Worker answers in two Workers of one namespace on workerd, with one token for both", async () => {
  await using made = await makeWorkers();
  await using workers = await made.start();
  assertEquals(await answersOf(workers, 40), [`200 ${made.clientId}`]);
  assertEquals(await made.oidc.tokenRequests(), 1);
});

Deno.test("without the binding of the namespace, each of the guide's Workers obtains its own token, and nothing fails", async () => {
  await using made = await makeWorkers();
  await using workers = await made.start({ unbound: true });
  assertEquals(await answersOf(workers, 2), [`200 ${made.clientId}`]);
  assertEquals(await made.oidc.tokenRequests(), 2);
});

Deno.test("what is wrong with the guide's Worker is said as the guide's table has it", async () => {
  await using made = await makeWorkers();
  const { FLEET_SEAL_KEY: _, ...unsealed } = made.texts;
  const rows = GUIDE.rows("When it fails").map(([first]) => /`([^`]+)`/.exec(first!)![1]!);
  const without = withValues(made.source, { "getResolver(chain, { env })": "getResolver(chain)" });
  const failures: readonly [row: number, changed: Partial<GuideWorkersOptions>, contents?: string][] = [
    [1, { secret: {} }],
    [2, { secret: { M2M_CLIENT_SECRET: "wrong-fake-secret" } }],
    [3, { texts: unsealed }],
    [0, {}, without],
  ];
  for (const [row, changed, contents] of failures) {
    if (contents) await made.bundle(contents);
    await using workers = await made.start(changed);
    const answer = await fetch(workers.urls[0]!);
    await answer.body?.cancel();
    assertEquals(answer.status, 500);
    assertStringIncludes(workers.output, rows[row]!);
  }
});

Deno.test("the guide's Worker, and smaller ones, are as large as the guide says", async () => {
  using project = await makeProject();
  const core = 'export { defineChain, env, fromEnv, getResolver, required } from "@alphaswarm/credentials";';
  const contents = [core, `${core} export { oauth2 } from "@alphaswarm/credentials/oauth2";`, withoutTypes(WORKER)];
  try {
    for (const [index, [what, size]] of GUIDE.rows("Size").entries()) {
      const bytes = await edgeBundleSize(contents[index]!, { resolveDir: project.directory, external: EXTERNAL });
      assertLessOrEqual(Math.abs(Number(size) - bytes / 1_000), 0.6, `${what}: ${bytes} bytes`);
    }
  } finally {
    await stopBundling();
  }
});

/** Resolves a credential of each store by itself, and answers with what the store said. */
const EACH_STORE = `
import { createResolver, defineChain, file, mounted, required } from "@alphaswarm/credentials";
import { awsRuntime } from "@alphaswarm/credentials/aws";
import { dotenv } from "@alphaswarm/credentials/dotenv";
import { credentialProcess, exec, execCredential } from "@alphaswarm/credentials/exec";
import { githubActions, tokenFile } from "@alphaswarm/credentials/identity";

const priority = 1;
const command = ["/bin/true"];
const stores = {
  file: [file({ priority, directory: "/data" }), "a.json"],
  mounted: [mounted({ priority, directory: "/data" }), { prefix: "" }],
  dotenv: [dotenv({ priority, path: "/data/.env" }), { prefix: "" }],
  tokenFile: [tokenFile({ priority, path: "/data/token" }), { fields: { a: "token" } }],
  exec: [exec({ priority, command: ["/bin/cat", "{}"] }), "a"],
  credentialProcess: [credentialProcess({ priority, command }), { fields: { a: "access_key" } }],
  execCredential: [execCredential({ priority, command }), { fields: { a: "token" } }],
  awsRuntime: [awsRuntime({ priority }), { fields: { a: "access_key" } }],
  githubActions: [githubActions({ priority }), { fields: { a: "token" } }],
};
export default {
  async fetch() {
    const said = {};
    for (const [name, [store, mapping]] of Object.entries(stores)) {
      const credentials = { "a:b": { fields: { a: required() }, from: { store: mapping } } };
      const resolver = createResolver(defineChain({ stores: { store }, credentials }));
      said[name] = await resolver.resolve("a:b").catch((error) => error.trace?.[0]?.outcome ?? String(error));
    }
    return Response.json(said);
  },
};`;

Deno.test("the stores that the guide lists are off on workerd, and so the next store is asked", async () => {
  using project = await makeProject();
  const bundle = await bundleWorker(project, EACH_STORE);
  const { compatibility_date: compatibilityDate } = CONFIGURATION;
  await using worker = await startWorker({ bundle, workerd: `${project.modules}/.bin/workerd`, compatibilityDate });
  const said = await (await fetch(worker.url)).json();
  const listed = GUIDE.rows("What is `off` on Workers").flatMap(([names]) => names!.replaceAll("`", "").split(", "));
  assertEquals(said, Object.fromEntries(listed.map((name) => [name, "off"])));
});

/** Takes the types away, which the bundler of the sizes does not know. */
function withoutTypes(code: string): string {
  return code.replace("_request: Request, env: Env, context: ExecutionContext): Promise<Response>", "_, env, context)")
    .replace(" satisfies ExportedHandler<Env>", "");
}
