/**
 * The guide for Cloudflare Workers: its Worker runs on workerd as it stands there, its configuration has the names that it
 * reads, and it is as large as the guide says.
 */
import { assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { parse } from "jsonc-parser";
import { edgeBundleSize, stopBundling } from "../support/edge_bundle.ts";
import { Page, withValues } from "../support/pages/page.ts";
import { type GuideWorkers, startGuideWorkers } from "../support/guides/guide_workers.ts";
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

Deno.test("the guide's Worker answers in two Workers of one namespace on workerd, with one token for both", async (t) => {
  await using oidc = await startOidcProvider();
  using project = await makeProject();
  const { clientId, clientSecret } = oidc.clients.basic;
  const worker = withValues(WORKER, { "/v1/config": "/protected/polaris" });
  const bundle = await bundleWorker(project, worker, EXTERNAL);
  const shared = {
    bundle,
    workerd: `${project.modules}/.bin/workerd`,
    compatibilityDate: CONFIGURATION.compatibility_date,
  };
  const bindings = {
    ...CONFIGURATION.vars,
    TOKEN_URL: oidc.tokenEndpoint,
    POLARIS_URL: oidc.issuer,
    M2M_CLIENT_ID: clientId,
    FLEET_SEAL_KEY: SEAL,
  };
  const start = (texts: Record<string, string>, secret?: string) =>
    startGuideWorkers({ ...shared, texts, secret: secret === undefined ? {} : { M2M_CLIENT_SECRET: secret } });
  const answers = async (workers: GuideWorkers, count: number) => {
    const one = async (_: unknown, index: number) => {
      const answer = await fetch(workers.urls[index % 2]!);
      return `${answer.status} ${(await answer.json()).client_id}`;
    };
    return [...new Set(await Promise.all(Array.from({ length: count }, one)))];
  };
  await t.step("forty requests at both", async () => {
    await using workers = await start(bindings, clientSecret);
    assertEquals(await answers(workers, 40), [`200 ${clientId}`]);
    assertEquals(await oidc.tokenRequests(), 1);
  });
  await t.step(
    "without the binding of the namespace, each Worker obtains its own token, and nothing fails",
    async () => {
      const before = await oidc.tokenRequests();
      await using workers = await startGuideWorkers({
        ...shared,
        texts: bindings,
        secret: { M2M_CLIENT_SECRET: clientSecret },
        unbound: true,
      });
      assertEquals(await answers(workers, 2), [`200 ${clientId}`]);
      assertEquals(await oidc.tokenRequests() - before, 2);
    },
  );
  await t.step("what is wrong is said as the guide's table has it", async () => {
    const { FLEET_SEAL_KEY: _, ...unsealed } = bindings;
    const rows = GUIDE.rows("When it fails").map(([first]) => /`([^`]+)`/.exec(first!)![1]!);
    const without = withValues(worker, { "getResolver(chain, { env })": "getResolver(chain)" });
    const failures: readonly [row: number, texts: Record<string, string>, secret?: string, contents?: string][] = [
      [1, bindings],
      [2, bindings, "wrong-fake-secret"],
      [3, unsealed, clientSecret],
      [0, bindings, clientSecret, without],
    ];
    for (const [row, texts, secret, contents] of failures) {
      if (contents) await bundleWorker(project, contents, EXTERNAL);
      await using workers = await start(texts, secret);
      const answer = await fetch(workers.urls[0]!);
      await answer.body?.cancel();
      assertEquals(answer.status, 500);
      assertStringIncludes(workers.output, rows[row]!);
    }
  });
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
