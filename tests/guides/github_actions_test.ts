/**
 * The guide for GitHub Actions: its program runs as a job and on a developer's machine, and neither gets the other's
 * credential. The runner, the STS, `op` and `aws` are stand-ins; the token server is a real `oidc-provider`.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Page, withValues } from "../support/pages/page.ts";
import { parseYaml } from "../support/guides/manifests.ts";
import { commandsIn, runAction } from "../support/action/runner.ts";
import { writeProgram } from "../support/fixtures/programs.ts";
import { readManifest } from "../support/packaging/manifest.ts";
import { makeProject, type Project } from "../support/packaging/project.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { startGithubRunner } from "../support/stand_ins/github_runner.ts";
import { awsError, startStandIn, success } from "../support/stand_ins/sts.ts";
import { rootUrl } from "../support/closed_network/root.ts";

const GUIDE = new Page(".github/guides/github_actions.md");
const CHAIN = GUIDE.file("chain.config.ts");
const CLI = "node_modules/@alphaswarm/credentials/cli.js";

/** The workflow of the guide. */
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: {
    readonly reports: {
      readonly container: string;
      readonly env: Readonly<Record<string, string>>;
      readonly steps: readonly {
        readonly uses?: string;
        readonly run?: string;
        readonly with?: Record<string, string>;
      }[];
    };
  };
}

const [WORKFLOW] = parseYaml(GUIDE.file(".github/workflows/reports.yml")) as [Workflow];
const JOB = WORKFLOW.jobs.reports;
const CHECK = JOB.steps.find(({ uses }) => uses?.includes("/.github/actions/check@"))!;

Deno.test("the workflow of the guide sets what its chain and program read, and lets the job ask for its identity", () => {
  const read = [...CHAIN.matchAll(/fromEnv\("(\w+)"\)|client_id: "(\w+)"/g)].map(([, name, field]) => name ?? field);
  const program = [...GUIDE.file("main.ts").matchAll(/process\.env\.(\w+)/g)].map(([, name]) => name);
  assertEquals(Object.keys(JOB.env).toSorted(), [...read, ...program].toSorted());
  assertEquals(WORKFLOW.permissions, { contents: "read", "id-token": "write" });
  const keys = CHECK.with!.keys!.trim().split("\n");
  for (const key of keys) assertStringIncludes(CHAIN, `"${key}": {`);
  assertStringIncludes(GUIDE.text, `credentials check --github ${keys.join(" ")}\``);
  assertEquals(CHECK.uses!.split("@")[1], `v${readManifest().version}`);
  // Hint: what this repository itself runs on is what dependabot and its owner keep current.
  const own = Deno.readTextFileSync(new URL(".github/workflows/ci.yml", rootUrl));
  assertStringIncludes(own, JOB.steps[0]!.uses!);
  assertStringIncludes(own, JOB.container.replace("node:", ""));
});

Deno.test("the trust policy of the guide has the audience that its chain asks for, the role of its workflow, and a subject with ids", () => {
  const [text] = GUIDE.blocks("What each server must be told", "json");
  const { Statement: [statement] } = JSON.parse(text);
  const { "token.actions.githubusercontent.com:aud": audience, ...rest } = statement.Condition.StringEquals;
  assertStringIncludes(
    CHAIN,
    `"job:aws": { fields: { token: required() }, from: { job: { audience: "${audience}" } } }`,
  );
  const [withIds, withoutIds] = GUIDE.rows("What each server must be told").map(([, subject]) =>
    /`(.+)`/.exec(subject!)![1]!
  );
  assertEquals(rest, { "token.actions.githubusercontent.com:sub": withIds! });
  assertMatch(withIds!, /^repo:\w+@\d+\/\w+@\d+:ref:refs\/heads\/main$/);
  assertEquals(withIds!.replaceAll(/@\d+/g, ""), withoutIds!);
  const account = /::(\d+):/.exec(statement.Principal.Federated)![1]!;
  assertStringIncludes(JOB.env.AWS_ROLE_ARN!, account);
});

/** Writes stand-ins for the programs of a developer; each notes that it ran. */
function installPrograms(project: Project): string {
  const bin = `${project.directory}/bin`;
  Deno.mkdirSync(bin);
  const keys = {
    Version: 1,
    AccessKeyId: "ASIAFAKE",
    SecretAccessKey: "fake",
    SessionToken: "fake",
    Expiration: "2099-01-01T00:00:00Z",
  };
  const programs = { op: "printf fake-token-of-a-person", aws: `printf '%s' '${JSON.stringify(keys)}'` };
  for (const [name, script] of Object.entries(programs)) {
    writeProgram(bin, name, `echo ${name} >> "$HOME/ran"\n${script}`);
  }
  return bin;
}

/** Returns which of a developer's programs have run since the last time. */
function whatRan(project: Project): string {
  try {
    return Deno.readTextFileSync(`${project.directory}/ran`);
  } catch {
    return "";
  } finally {
    Deno.writeTextFileSync(`${project.directory}/ran`, "");
  }
}

/** Writes the program of the guide into a project, beside the servers that a job and a developer's machine reach. */
async function startReports() {
  await using stack = new AsyncDisposableStack();
  const issuer = stack.use(await startJwtIssuer());
  const oidc = stack.use(await startOidcProvider());
  await oidc.trust(issuer);
  const runner = stack.use(startGithubRunner(issuer));
  const sts = stack.use(await startStandIn());
  sts.answer.body = success();
  const project = stack.use(await makeProject());
  project.write("main.ts", withValues(GUIDE.file("main.ts"), { "/v1/config": "/protected/polaris" }));
  const servers = { "https://auth.example": oidc.issuer, "https://sts.eu-west-1.amazonaws.com": sts.endpoint };
  project.write("chain.config.ts", withValues(CHAIN, servers));
  const PATH = `${installPrograms(project)}:/usr/bin:/bin`;
  const home: Record<string, string> = { ...JOB.env, PATH, TOKEN_URL: oidc.tokenEndpoint, POLARIS_URL: oidc.issuer };
  const owned = stack.move();
  return {
    oidc,
    runner,
    sts,
    project,
    home,
    job: { ...home, ...runner.env, TOKEN_CLIENT_ID: oidc.clients.public.clientId },
    /** Runs the program, and returns what it printed or threw, and which of a developer's programs ran. */
    run: async (env: Record<string, string>) => {
      const { out, err } = await project.run("node-26", ["main.ts"], env);
      const said = out.trim() || /^(?:CredentialError|.*Cannot resolve).*$/m.exec(err)?.[0] || err;
      return [said, whatRan(project)] as const;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("the guide's program has the job's identity in a job, and runs no program of a person", async () => {
  await using reports = await startReports();
  const { oidc, runner, sts } = reports;
  assertEquals(await reports.run(reports.job), ["catalog: HTTP 200 as exchange, keys from sts", ""]);
  assertEquals(runner.asked.toSorted(), [oidc.issuer, "sts.amazonaws.com"].toSorted());
  assertEquals(sts.asked.at(-1)!.RoleArn, JOB.env.AWS_ROLE_ARN);
});

Deno.test("the guide's program has a person's login on a developer's machine, and never that of a job", async () => {
  await using reports = await startReports();
  const { project, home, run } = reports;
  const { TOKEN_URL: _, TOKEN_CLIENT_ID: __, AWS_ROLE_ARN: ___, ...own } = home;
  const [commands] = GUIDE.blocks("On your machine", "sh");
  const [, profile = ""] = /--profile (\w+)/.exec(commands) ?? [];
  assertStringIncludes(CHAIN, `"--profile", "${profile}"`);
  const [, key = ""] = /credentials explain (\S+)/.exec(commands) ?? [];
  const { code, out } = await project.run("node-26", [CLI, "explain", key], own);
  assertEquals([code, whatRan(project)], [0, "op\n"], out);
  // Hint: the program tries a token that is refused once more.
  assertEquals(await run(own), ["catalog: HTTP 401 as op, keys from sso", "op\nop\naws\n"]);
  const [said, ran] = await run({ ...home, GITHUB_ACTIONS: "true" });
  assertStringIncludes(said, "ACTIONS_ID_TOKEN_REQUEST_URL is not set");
  assertEquals(ran, "", "a machine that only says that it is a job");
});

Deno.test("what is wrong with the guide's job is said as the guide's table has it, and no program of a person runs", async () => {
  await using reports = await startReports();
  const { runner, sts, home, job, run } = reports;
  const rows = GUIDE.rows("When it fails").map(([first]) => /`(.+)`/.exec(first!)![1]!);
  const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ...forbidden } = job as Record<string, string>;
  const failures: readonly [row: number, env: Record<string, string>, spoil?: () => unknown][] = [
    [0, forbidden],
    [1, job, () => Object.assign(runner.claims, { iss: "https://elsewhere.example" })],
    [2, { ...job, TOKEN_URL: `http://127.0.0.1:${freePorts(1)[0]}/token` }],
    [3, job, () => Object.assign(sts.answer, { status: 403, body: awsError("AccessDenied") })],
  ];
  for (const [row, env, spoil] of failures) {
    spoil?.();
    const [said, ran] = await run(env);
    assertStringIncludes(said, rows[row]!);
    assertEquals(ran, "");
    for (const name of Object.keys(runner.claims)) delete runner.claims[name];
  }
  const [said] = await run({ ...home, PATH: "/usr/bin:/bin" });
  assertStringIncludes(said, rows[4]!);
});

Deno.test("the action's step in the guide checks the keys of the workflow, and marks the line of the one that is refused", async () => {
  await using reports = await startReports();
  const { project, sts, job } = reports;
  const check = async () => {
    const env = { ...job, PATH: `${project.program("node-26").replace(/\/node$/, "")}:/usr/bin:/bin` };
    const { code, out } = await runAction({ workspace: project.directory, inputs: CHECK.with!, env });
    return { code, errors: commandsIn(out).filter(({ name }) => name === "error") };
  };
  assertEquals(await check(), { code: 0, errors: [] });
  Object.assign(sts.answer, { status: 403, body: awsError("AccessDenied") });
  const { code, errors } = await check();
  assertEquals([code, errors.length], [1, 1]);
  const line = CHAIN.split("\n").findIndex((text) => text.includes('"aws:keys": {')) + 1;
  assertEquals(errors[0]!.properties.line, `${line}`);
});
