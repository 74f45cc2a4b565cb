/**
 * The guide for AWS Lambda: its function is bundled by the guide's command and runs on Node, also after it was stopped for
 * longer than its token lives. Secrets Manager is a stand-in that verifies signatures; what invokes the function is one too.
 */
import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { until } from "../support/fixtures/until.ts";
import { Page, withValues } from "../support/pages/page.ts";
import { parseYaml } from "../support/guides/manifests.ts";
import { bundleByCommand } from "../support/guides/bundle_by_command.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";
import { Daemon } from "../support/servers/daemon.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { waitForAnswer } from "../support/servers/wait_for_answer.ts";
import { AwsStandIn, failure } from "../support/stand_ins/aws.ts";
import { listening } from "../support/stand_ins/listening.ts";

const GUIDE = new Page(".github/guides/aws_lambda.md");
const CHAIN = GUIDE.file("chain.config.ts");
const HANDLER = GUIDE.file("handler.ts");
const RESOURCE = "urn:alphaswarm:polaris";
const KEYS = { AWS_ACCESS_KEY_ID: "AKIAFAKE", AWS_SECRET_ACCESS_KEY: "not-a-secret", AWS_REGION: "eu-west-1" };

/** The properties of the function in the guide's template. */
interface FunctionProperties {
  readonly Runtime: string;
  readonly Handler: string;
  readonly CodeUri: string;
  readonly Timeout: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  readonly Policies: readonly {
    readonly Statement: readonly { readonly Action: string; readonly Resource: string }[];
  }[];
}

const [TEMPLATE] = parseYaml(GUIDE.file("template.yaml")) as [
  { readonly Resources: { readonly Orders: { readonly Properties: FunctionProperties } } },
];
const FUNCTION = TEMPLATE.Resources.Orders.Properties;
const COMMAND = GUIDE.blocks("The function", "sh")[0];

/** Invokes a function for each request, as Lambda's runtime does for each event, and answers with what it returns or throws. */
const INVOKER = `
import { createServer } from "node:http";
const began = performance.now();
const { handler } = await import(process.argv[3]);
const loadMs = performance.now() - began;
createServer(async ({ url }, response) => {
  if (url === "/loaded") return response.end(String(loadMs));
  response.end(JSON.stringify(await handler({}, {}).catch((error) => ({ error: error.message }))));
}).listen(Number(process.argv[2]), "127.0.0.1");
`;

Deno.test("the template of the guide sets what its function reads, allows the secrets of its chain, and names the bundle", () => {
  const { Environment, Policies, Timeout, CodeUri, Handler, Runtime } = FUNCTION;
  const read = [...`${CHAIN}${HANDLER}`.matchAll(/fromEnv\("(\w+)"\)|process\.env\.(\w+)/g)].map(([, a, b]) => a ?? b);
  assertEquals(Object.keys(Environment.Variables).toSorted(), read.filter((name) => name !== "AWS_REGION").toSorted());
  const [{ Action, Resource }] = Policies[0]!.Statement as [{ Action: string; Resource: string }];
  assertEquals(Action, "secretsmanager:GetSecretValue");
  const prefix = /secret:(.*)\*$/.exec(Resource)![1]!;
  const secrets = [...CHAIN.matchAll(/sm: "([^"]+)"/g)].map(([, name]) => name!);
  assertEquals([secrets.length, secrets.every((name) => name.startsWith(prefix))], [2, true]);
  const [file, exported] = Handler.split(".");
  assertStringIncludes(COMMAND, `--outfile=${CodeUri}${file}.mjs`);
  assertStringIncludes(HANDLER, `export async function ${exported}(`);
  assertStringIncludes(COMMAND, `--target=${Runtime.replace(/^nodejs(\d+)\.x$/, "node$1")} `);
  const timeouts = [...CHAIN.matchAll(/timeout: ([\d_]+)/g)].map(([, ms]) => Number(ms!.replace("_", "")));
  const budget = Number(/budget = ([\d_]+)/.exec(HANDLER)![1]!.replace("_", ""));
  const all = timeouts.reduce((total, each) => total + each);
  assert(all < budget && budget < Timeout * 1_000, "timeouts, then the budget, then Lambda's");
});

/** A function that runs, and how it is stopped and continued. */
interface Running extends AsyncDisposable {
  readonly pid: number;
  /** How long it took to load its bundle, in milliseconds. */
  readonly loadMs: number;
  invoke(): Promise<Record<string, unknown>>;
}

async function run(project: Project, bundle: string, env: Record<string, string>): Promise<Running> {
  const [port = 0] = freePorts(1);
  project.write("invoker.mjs", INVOKER);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const daemon = new Daemon(
    "env",
    "-i",
    ...variables,
    project.program("node-22"),
    `${project.directory}/invoker.mjs`,
    `${port}`,
    bundle,
  );
  const url = `http://127.0.0.1:${port}`;
  await waitForAnswer("the function", `${url}/loaded`, daemon, 20_000);
  const invoke = async () => await (await fetch(url)).json();
  const loadMs = Number(await (await fetch(`${url}/loaded`)).text());
  return { pid: daemon.pid, loadMs, invoke, [Symbol.asyncDispose]: () => daemon.stop() };
}

/** Starts Secrets Manager with the secrets of the guide, and the function's environment. */
function startSecrets(oidc: OidcProvider) {
  const aws = new AwsStandIn();
  const { clientId, clientSecret } = oidc.clients.basic;
  aws.secrets.set("prod/orders/db", JSON.stringify({ user: "orders", password: "fake-password" }));
  aws.secrets.set("prod/orders/m2m", JSON.stringify({ client_id: clientId, client_secret: clientSecret }));
  const held: { until?: Promise<void> } = {};
  const server = listening(async (request) => {
    await held.until;
    return await aws.handle(request);
  });
  const env = { ...FUNCTION.Environment.Variables, ...KEYS, TOKEN_URL: oidc.tokenEndpoint, POLARIS_URL: oidc.issuer };
  return { aws, held, env, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function bundle(project: Project, endpoint: string): Promise<string> {
  const region = 'region: fromEnv("AWS_REGION")';
  project.write("chain.config.ts", withValues(CHAIN, { [region]: `${region}, endpoint: "${endpoint}"` }));
  project.write("handler.ts", withValues(HANDLER, { "/v1/config": "/protected/polaris" }));
  return await bundleByCommand(project.directory, COMMAND);
}

Deno.test("the guide's function answers, keeps what it has, and obtains a token first after it was stopped past its end", async () => {
  await using oidc = await startOidcProvider({ lifetimes: { [RESOURCE]: 3 } });
  await using secrets = startSecrets(oidc);
  using project = await makeProject();
  const outfile = await bundle(project, secrets.url);
  const stated = Number(/The bundle is (\d+) KB/.exec(GUIDE.text)![1]);
  const size = gzipSync(Deno.readFileSync(outfile), { level: 9 }).length;
  assertLessOrEqual(Math.abs(stated - size / 1_000), 0.8, `${size} bytes`);
  await using running = await run(project, outfile, secrets.env);
  const good = { user: "orders", source: "sm", status: 200 };
  const began = performance.now();
  assertEquals(await running.invoke(), good);
  if (Deno.env.get("FIGURES")) console.log({ loadMs: running.loadMs, firstMs: performance.now() - began });
  const reads = secrets.aws.sent.length;
  assertEquals(reads, 2);
  Deno.kill(running.pid, "SIGSTOP");
  const stopped = Date.now();
  const before = await oidc.tokenRequests();
  await until("the end of the token", () => Promise.resolve(Date.now() - stopped > 4_000 || undefined));
  assertEquals(await oidc.tokenRequests(), before, "nothing runs while it is stopped");
  Deno.kill(running.pid, "SIGCONT");
  assertEquals(await running.invoke(), good);
  assertEquals([await oidc.tokenRequests(), secrets.aws.sent.length], [before + 1, reads]);
});

Deno.test("a request of the guide's function that was on its way while it was stopped holds up its next ones for seconds at most", async () => {
  await using oidc = await startOidcProvider();
  await using secrets = startSecrets(oidc);
  using project = await makeProject();
  const outfile = await bundle(project, secrets.url);
  await using running = await run(project, outfile, secrets.env);
  await oidc.hold();
  const first = running.invoke();
  await until("the request", async () => await oidc.tokenRequests() > 0 || undefined);
  Deno.kill(running.pid, "SIGSTOP");
  const stopped = Date.now();
  await until("the end of its timeout", () => Promise.resolve(Date.now() - stopped > 3_500 || undefined));
  await oidc.release();
  Deno.kill(running.pid, "SIGCONT");
  const { status, error } = await first;
  assert(status === 200 || String(error).includes('"m2m" is unavailable'), String(error));
  // Hint: a store that has failed is asked again after a pause.
  const thawed = Date.now();
  await until("an answer", async () => (await running.invoke()).status === 200 || undefined, 15_000);
  if (Deno.env.get("FIGURES")) console.log({ answered: Date.now() - thawed });
});

Deno.test("what is wrong with the guide's function is said as the guide's table has it", async () => {
  await using oidc = await startOidcProvider();
  await using secrets = startSecrets(oidc);
  using project = await makeProject();
  const outfile = await bundle(project, secrets.url);
  const rows = GUIDE.rows("When it fails").map(([first]) => /`(.+?)`(?:,|$)/.exec(first!)![1]!);
  const { aws, held } = secrets;
  const answering = (code: string) => () => {
    aws.answer = failure(code);
    return () => void (aws.answer = undefined);
  };
  const changing = (name: string, text: string) => () => {
    const before = aws.secrets.get(name)!;
    aws.secrets.set(name, text);
    return () => void aws.secrets.set(name, before);
  };
  const failures: readonly (() => () => void)[] = [
    answering("AccessDeniedException"),
    answering("ResourceNotFoundException"),
    answering("ExpiredTokenException"),
    () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.until = promise;
      return resolve;
    },
    changing("prod/orders/m2m", JSON.stringify({ client_id: oidc.clients.basic.clientId, client_secret: "wrong" })),
  ];
  for (const [row, spoil] of failures.entries()) {
    const restore = spoil();
    await using running = await run(project, outfile, secrets.env);
    const { error } = await running.invoke();
    restore();
    assertStringIncludes(String(error), rows[row]!);
  }
});
