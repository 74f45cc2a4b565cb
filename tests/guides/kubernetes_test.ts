/**
 * The guide for Kubernetes: its manifest fits its chain and its program, and the program runs on Node with what the manifest
 * gives it. The cluster is a stand-in: an issuer of tokens, and directories that are replaced as a kubelet replaces them.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mountVolume } from "../support/fixtures/mounted_volume.ts";
import { withinOwnTime } from "../support/fixtures/own_time.ts";
import { until } from "../support/fixtures/until.ts";
import { Page, withValues } from "../support/pages/page.ts";
import { parseYaml } from "../support/guides/manifests.ts";
import { byKind, type NetworkPolicy, type ServiceManifest } from "../support/guides/manifests.ts";
import { importPageChain } from "../support/pages/page_program.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";
import { Daemon } from "../support/servers/daemon.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { waitForAnswer } from "../support/servers/wait_for_answer.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { permissions } from "../../src/report/mod.ts";
import { testHost } from "../../src/testing/mod.ts";

const GUIDE = new Page(".github/guides/kubernetes.md");
const CHAIN = GUIDE.file("chain.config.ts");
const MAIN = GUIDE.file("main.ts");
// Hint: Kubernetes reads YAML 1.1, in which 0440 is octal.
const MANIFEST = byKind<ServiceManifest>(parseYaml(GUIDE.file("orders.yaml"), "1.1"));
const POD = MANIFEST.Deployment.spec.template.spec;
const CONTAINER = POD.containers[0]!;
const SECRETS = "/var/run/secrets/orders";
const TOKENS = "/var/run/secrets/tokens";
const CLI = "node_modules/@alphaswarm/credentials/cli.js";
const SUBJECT = "system:serviceaccount:default:orders";

Deno.test("the manifest of the guide has the paths, variables and names that its chain reads", async () => {
  const chain = await importPageChain(CHAIN);
  const { data } = MANIFEST.ConfigMap;
  const needed = permissions(chain, testHost({ env: data }));
  assertEquals(needed.read.toSorted(), [SECRETS, TOKENS]);
  const ofProgram = [...MAIN.matchAll(/process\.env\.(\w+)/g)].map(([, name]) => name!);
  assertEquals([...new Set([...needed.env, ...ofProgram])].sort(), Object.keys(data).sort());
  const volumes = new Map(POD.volumes.map((volume) => [volume.name, volume]));
  const mounts = Object.fromEntries(
    CONTAINER.volumeMounts.map(({ name, mountPath }) => [mountPath, volumes.get(name)]),
  );
  assertEquals(CONTAINER.volumeMounts.map(({ subPath }) => subPath), [undefined, undefined]);
  assertEquals(mounts[SECRETS]?.secret, { secretName: "orders", defaultMode: 0o440 });
  const { serviceAccountToken: token } = mounts[TOKENS]!.projected!.sources[0]!;
  assertStringIncludes(CHAIN, `"${TOKENS}/${token.path}"`);
  assertEquals(new URL(data.SSO_TOKEN_URL!).origin, token.audience);
  const [create] = GUIDE.blocks("The manifest", "sh");
  assertStringIncludes(create, "secret generic orders");
  const files = [...create.matchAll(/--from-\w+=(\w+)=/g)].map(([, name]) => name);
  assertEquals(files, ["neo4j_user", "neo4j_password", "describe_token"]);
});

Deno.test("the names, labels and ports of the guide's manifest, its network policy and its program are the same", () => {
  const { Deployment, Service, ConfigMap, ServiceAccount } = MANIFEST;
  const labels = Deployment.spec.template.metadata.labels;
  const [policy] = parseYaml(GUIDE.file("network_policy.yaml"), "1.1") as [NetworkPolicy];
  for (
    const selector of [Deployment.spec.selector.matchLabels, Service.spec.selector, policy.spec.podSelector.matchLabels]
  ) {
    assertEquals(selector, labels);
  }
  assertEquals(CONTAINER.envFrom, [{ configMapRef: { name: ConfigMap.metadata.name } }]);
  assertEquals(POD.serviceAccountName, ServiceAccount.metadata.name);
  const ports = [...MAIN.matchAll(/port: (\d+)/g)].map(([, port]) => Number(port));
  const { readinessProbe, livenessProbe } = CONTAINER;
  assertEquals(CONTAINER.ports.map(({ containerPort }) => containerPort), ports);
  assertEquals(policy.spec.ingress.flatMap((rule) => rule.ports.map(({ port }) => port)), ports);
  const [main, ops] = ports;
  assertEquals(Service.spec.ports.map(({ targetPort }) => targetPort), [main!], "the describe route is in no Service");
  assertEquals([readinessProbe.httpGet.port, livenessProbe.httpGet.port], [ops!, ops!]);
  const opened = policy.spec.egress.flatMap((rule) => rule.ports.map(({ port }) => port));
  const { data } = ConfigMap;
  const needed = [data.SSO_TOKEN_URL, data.POLARIS_URL, data.NEO4J_URI].map((url) => portOf(url!));
  assertEquals(new Set(opened), new Set([53, ...needed]));
  const [inPod = "", atRoute = ""] = GUIDE.blocks("When it fails", "sh");
  const [program, key] = [`exec deploy/${Deployment.metadata.name} -- node ${CLI} `, "polaris:rest"];
  assertEquals(inPod.split(program).slice(1).map((each) => each.split("\n")[0]), ["check", `explain ${key} --live`]);
  assertStringIncludes(CHAIN, `"${key}": {`);
  assertStringIncludes(atRoute, `http://127.0.0.1:${ops}/credentials `);
  assertStringIncludes(atRoute, `port-forward deploy/${Deployment.metadata.name} ${ops}`);
});

Deno.test("the pod of the guide's manifest is what the restricted Pod Security Standard allows, and its group reads the files", () => {
  const { runAsNonRoot, seccompProfile, fsGroup } = POD.securityContext;
  assertEquals([runAsNonRoot, seccompProfile.type, fsGroup], [true, "RuntimeDefault", 1000]);
  assertEquals(CONTAINER.securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
  const allowed = ["secret", "projected", "configMap", "emptyDir"];
  assertEquals(
    POD.volumes.flatMap(({ name: _, ...source }) => Object.keys(source)).filter((kind) => !allowed.includes(kind)),
    [],
  );
});

/** Returns the port of a URL. */
function portOf(url: string): number {
  return Number(/:(\d+)$/.exec(url)?.[1] ?? 443);
}

/** A client of the guide's database that answers with the user it was made with. */
const GRAPH = `export const connect = (uri: string | undefined, user: string, password: string) =>
  ({ orders: () => Promise.resolve([uri, user, password]) });`;

/** The files of the Secret. */
const FIRST = { neo4j_user: "first", neo4j_password: "fake-one", describe_token: "fake-route-token" };

/** Resolves one credential, and prints the message of the error. */
const RESOLVE = `import { getResolver } from "@alphaswarm/credentials";
import chain from "./chain.config.ts";
await getResolver(chain).resolve(process.argv[2] as never).catch((error) => console.log(error.message));`;

/** Starts the program of a project as the manifest does. */
function start(project: Project, env: Readonly<Record<string, string>>): Daemon {
  const [program, ...args] = CONTAINER.command;
  assertEquals(program, "node");
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return new Daemon("env", "-C", project.directory, ...variables, project.program("node-26"), ...args);
}

/** Starts the service of the guide on Node, with what the manifest gives it, and with stand-ins for its cluster. */
async function startOrders() {
  await using stack = new AsyncDisposableStack();
  const issuer = stack.use(await startJwtIssuer());
  const oidc = stack.use(await startOidcProvider());
  await oidc.trust(issuer);
  const tokenOf = (claims: object = {}) => issuer.sign({ sub: SUBJECT, aud: oidc.issuer, ...claims });
  const secrets = stack.use(mountVolume(FIRST));
  const tokens = stack.use(mountVolume({ sso: await tokenOf() }));
  const project = stack.use(await makeProject());
  const [main = 0, ops = 0] = freePorts(2);
  project.write("chain.config.ts", withValues(CHAIN, { [SECRETS]: secrets.path, [TOKENS]: tokens.path }));
  const ports = { "port: 8080": `port: ${main}`, "port: 9090": `port: ${ops}` };
  project.write("main.ts", withValues(MAIN, { ...ports, "/v1/config": "/protected/polaris" }));
  project.write("graph.ts", GRAPH);
  const env = {
    ...MANIFEST.ConfigMap.data,
    SSO_TOKEN_URL: oidc.tokenEndpoint,
    SSO_CLIENT_ID: oidc.clients.public.clientId,
    POLARIS_URL: oidc.issuer,
  };
  const run = start(project, env);
  stack.defer(() => run.stop());
  const at = (port: number, path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  await waitForAnswer("the service", `http://127.0.0.1:${ops}/credentials/live`, run, 20_000);
  const owned = stack.move();
  return {
    project,
    env,
    run,
    secrets,
    tokens,
    tokenOf,
    atMain: (path: string) => at(main, path),
    atOps: (path: string, init?: RequestInit) => at(ops, path, init),
    orders: async () => await (await at(main, "/orders")).json(),
    routeUrl: `http://127.0.0.1:${ops}/credentials`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("the guide's program runs with what the manifest gives it: probes, both services, the route and its command", async (t) => {
  await using service = await startOrders();
  const { project, env, atMain, atOps, orders, routeUrl } = service;
  await t.step("both probes are 200, by their paths, ports and timeouts", async () => {
    for (const { httpGet, timeoutSeconds } of [CONTAINER.livenessProbe, CONTAINER.readinessProbe]) {
      const probe = (signal: AbortSignal) => atOps(httpGet.path, { signal });
      // Hint: the first one may be 503, as long as there is no token.
      await until(`200 at ${httpGet.path}`, async () => {
        const answer = await withinOwnTime(timeoutSeconds * 1_000, probe);
        await answer.body?.cancel();
        return answer.status === 200 || undefined;
      });
    }
  });
  await t.step("the service has its login, and a token that a resource takes", async () => {
    assertEquals(await orders(), [MANIFEST.ConfigMap.data.NEO4J_URI, "first", "fake-one"]);
    const catalog = await atMain("/catalog");
    assertEquals([catalog.status, (await catalog.json()).subject], [200, SUBJECT]);
    assertEquals((await atMain("/credentials")).status, 404);
  });
  await t.step("the route says with its token what the process holds, and nothing without", async () => {
    const refused = await atOps("/credentials");
    await refused.body?.cancel();
    assertEquals(refused.status, 401);
    const args = [CLI, "describe", "--url", routeUrl, "--token-env", "DESCRIBE_TOKEN"];
    const shown = await project.run("node-26", args, { DESCRIBE_TOKEN: FIRST.describe_token });
    assertEquals(shown.code, 0, shown.err);
    assertStringIncludes(shown.out, "polaris:rest");
  });
  await t.step("check in the pod finds nothing wrong", async () => {
    const checked = await project.run("node-26", [CLI, "check"], env);
    assertEquals([checked.code, checked.err], [0, ""], checked.out);
  });
});

Deno.test("a new version of the guide's Secret is used within seconds, whole", async () => {
  await using service = await startOrders();
  assertEquals((await service.orders())[1], "first");
  service.secrets.write({ ...FIRST, neo4j_user: "second", neo4j_password: "fake-two" });
  const began = Date.now();
  const changed = await until("the new login", async () => {
    const found = await service.orders();
    return found[1] === "second" ? found : undefined;
  }, 15_000);
  assertEquals(changed[2], "fake-two");
  if (Deno.env.get("FIGURES")) console.log({ rotated: Date.now() - began });
});

Deno.test("the guide's program ends by itself when its pod is terminated, and is not killed after the grace period", async () => {
  await using service = await startOrders();
  await service.run.shutDown();
  assertStringIncludes(service.run.ended!, "ended with status 0:");
});

Deno.test("what is wrong in the guide's cluster is said as the guide's table has it", async () => {
  await using service = await startOrders();
  const { project, env, secrets, tokens, tokenOf } = service;
  project.write("resolve.ts", RESOLVE);
  const down = { SSO_TOKEN_URL: `http://127.0.0.1:${freePorts(1)[0]}/token` };
  const cases: readonly [key: string, spoil: () => unknown, more?: Record<string, string>][] = [
    ["polaris:rest", () => tokens.write({})],
    ["polaris:rest", async () => tokens.write({ sso: await tokenOf({ aud: "elsewhere" }) })],
    ["polaris:rest", () => {}, down],
    ["neo4j:basic", () => secrets.write({ neo4j_user: "first" })],
  ];
  const rows = GUIDE.rows("When it fails").map(([first]) => first!);
  for (const [index, [key, spoil, more]] of cases.entries()) {
    await spoil();
    const { out } = await project.run("node-26", ["resolve.ts", key], { ...env, ...more });
    assertStringIncludes(out, /`([^`]+)`/.exec(rows[index]!)![1]!);
    tokens.write({ sso: await tokenOf() });
    secrets.write(FIRST);
  }
  const unmounted = withValues(CHAIN, { [SECRETS]: `${secrets.path}/missing`, [TOKENS]: tokens.path });
  project.write("missing.config.ts", unmounted);
  const { out } = await project.run("node-26", [CLI, "check", "--config", "missing.config.ts"], env);
  assertStringIncludes(out.replace(/\s+/g, " "), "does not exist");
  assert(rows.some((row) => row.includes("does not exist")));
});
