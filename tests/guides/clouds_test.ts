/**
 * The programs of the guides for AWS and Azure, before and after. What answers them are stand-ins on loopback sockets: the
 * agent of a container, the program `aws`, and Entra's token endpoint.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { writeProgram } from "../support/fixtures/programs.ts";
import { guide, makeMigration, programs } from "../support/guides/migration.ts";
import type { Project } from "../support/packaging/project.ts";
import { listening } from "../support/stand_ins/listening.ts";
import { keysAnswer, startKeyStandIn } from "../support/stand_ins/machine_keys.ts";
import { replaced } from "../support/pages/page.ts";

type Variables = Readonly<Record<string, string>>;

const HOUR_MS = 3_600_000;
/** How long keys of an hour are still good when both programs renew them. */
const LEFT_MS = 240_000;

/**
 * Asks a program for its keys, once and then some times at a later time, and prints the last access key, and how many calls
 * failed. The later calls are a moment apart, in which a request in the background can end.
 */
const ASK = `
const [, , program, later, times] = process.argv;
const { s3, resolver } = await import(program);
let [last, failed] = [undefined, 0];
for (let call = 0; call <= Number(times); call++) {
  try {
    last = (await s3.config.credentials()).accessKeyId;
  } catch (error) {
    failed++;
    console.error(error);
  }
  if (call === 0) {
    const { now } = Date;
    Date.now = () => now() + Number(later);
  } else await new Promise((resolve) => setTimeout(resolve, 20));
}
const held = resolver?.peek("aws:keys");
console.log(JSON.stringify({ last, failed, source: held?.source, degraded: held?.degraded }));
`;

/** Creates a project with both programs for AWS. */
async function awsProject(): Promise<Project> {
  const project = await makeMigration();
  const { before: [before = ""], after } = programs("aws");
  project.write("before.ts", before);
  project.write("after.ts", after);
  project.write("ask.mjs", ASK);
  return project;
}

async function ask(project: Project, program: "before" | "after", env: Variables, laterMs = 0, times = 0) {
  const { out, err } = await project.run("node-26", ["ask.mjs", `./${program}.ts`, `${laterMs}`, `${times}`], {
    AWS_EC2_METADATA_DISABLED: "true",
    ...env,
  });
  return { ...JSON.parse(out.trim().split("\n").at(-1)!), err };
}

Deno.test("the chain of the guide has the keys that the AWS SDK's has: of variables, of a profile, of a container", async (t) => {
  using project = await awsProject();
  const keys = { AWS_ACCESS_KEY_ID: "fake-variable", AWS_SECRET_ACCESS_KEY: "fake" };
  const both = async (env: Variables) => {
    const [old, now] = [await ask(project, "before", env), await ask(project, "after", env)];
    return [old.last, now.last, now.source, now.degraded];
  };
  await t.step("variables", async () => {
    assertEquals(await both(keys), ["fake-variable", "fake-variable", "env", false]);
  });
  await t.step("a profile, which wins over variables", async () => {
    Deno.mkdirSync(`${project.directory}/.aws`);
    Deno.mkdirSync(`${project.directory}/bin`);
    project.write(".aws/credentials", "[dev]\naws_access_key_id = fake-profile\naws_secret_access_key = fake\n");
    const printed = { Version: 1, AccessKeyId: "fake-profile", SecretAccessKey: "fake" };
    writeProgram(`${project.directory}/bin`, "aws", `[ "$AWS_PROFILE" = dev ] && echo '${JSON.stringify(printed)}'`);
    const PATH = `${project.directory}/bin:${Deno.env.get("PATH")}`;
    const profile = { ...keys, AWS_PROFILE: "dev", PATH };
    assertEquals(await both(profile), ["fake-profile", "fake-profile", "profile", false]);
  });
  await using agent = startKeyStandIn({ "*": () => keysAnswer(1, Date.now() + HOUR_MS) });
  const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/keys` };
  await t.step("the agent of a container", async () => {
    assertEquals(await both(container), ["fake-access-1", "fake-access-1", "machine", false]);
  });
  await t.step("a variable without its secret is passed over by both, and the chain says so", async () => {
    const half = { ...container, AWS_ACCESS_KEY_ID: "fake-variable" };
    assertEquals(await both(half), ["fake-access-1", "fake-access-1", "machine", true]);
  });
});

Deno.test("beside the SDK's provider, the chain of the guide says where the two have other keys", async () => {
  using project = await awsProject();
  project.write("credentials.ts", programs("aws").after);
  project.write("compare.ts", guide("aws").blocks("Both side by side", "ts ignore")[0]);
  await using agent = startKeyStandIn({ "*": () => keysAnswer(1, Date.now() + HOUR_MS) });
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/keys` };
  const compare = async () => (await project.run("node-26", ["compare.ts"], env)).err.trim();
  assertEquals(await compare(), "");
  // The chain reads a profile only where AWS_PROFILE names it.
  Deno.mkdirSync(`${project.directory}/.aws`);
  project.write(".aws/credentials", "[default]\naws_access_key_id = fake-profile\naws_secret_access_key = fake\n");
  assertEquals(await compare(), "The SDK has other keys than machine");
});

Deno.test("an agent that refuses is an error with both, and the chain names the variable", async () => {
  using project = await awsProject();
  await using agent = startKeyStandIn({ "*": () => new Response(null, { status: 403 }) });
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/keys`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: `fake-${crypto.randomUUID()}`,
  };
  const [old, now] = [await ask(project, "before", env), await ask(project, "after", env)];
  assertEquals([old.failed, now.failed], [1, 1]);
  assertStringIncludes(now.err, "AWS_CONTAINER_AUTHORIZATION_TOKEN was refused (HTTP 403)");
});

Deno.test("keys that are good for minutes outlive an outage of the agent with both; the chain asks once, the SDK goes on", async () => {
  using project = await awsProject();
  const requests: number[] = [];
  for (const program of ["before", "after"] as const) {
    await using agent = startKeyStandIn();
    agent.answers["*"] = () =>
      agent.sent.length === 1 ? keysAnswer(1, Date.now() + HOUR_MS) : new Response(null, { status: 503 });
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/keys` };
    const { last, failed } = await ask(project, program, env, HOUR_MS - LEFT_MS, 20);
    assertEquals([last, failed], ["fake-access-1", 0], program);
    requests.push(agent.sent.length - 1);
  }
  const [old = 0, now = 0] = requests;
  assertEquals([old > 1, now], [true, 1]);
});

Deno.test("temporary keys without their token reach an AWS client of before, and are an error of the chain", async () => {
  using project = await awsProject();
  const env = { AWS_ACCESS_KEY_ID: `ASIA${"FAKE".repeat(4)}`, AWS_SECRET_ACCESS_KEY: "fake" };
  const [old, now] = [await ask(project, "before", env), await ask(project, "after", env)];
  assertEquals([old.failed, now.failed], [0, 1]);
  assertStringIncludes(now.err, "no value for the field session_token");
});

Deno.test("the chain of the guide for Azure asks for a token with a secret, with a pod's token, and by az", async (t) => {
  using project = await makeMigration();
  const asked: URLSearchParams[] = [];
  let answer = () => Response.json({ token_type: "Bearer", expires_in: 3_599, access_token: "fake-token" });
  await using entra = listening(async (request) => {
    asked.push(new URLSearchParams(await request.text()));
    return answer();
  });
  const { after } = programs("azure");
  project.write("after.ts", replaced(after, "https://login.microsoftonline.com", entra.url));
  project.write(
    "main.ts",
    `import { credential, resolver } from "./after.ts";
     const { token, expiresOnTimestamp } = await credential.getToken();
     const { source } = await resolver.resolve("azure:storage");
     console.log(JSON.stringify([token, source, Math.round((expiresOnTimestamp - Date.now()) / 60_000)]));`,
  );
  const run = (env: Variables) => project.run("node-26", ["main.ts"], { AZURE_CLIENT_ID: "app", ...env });
  const scope = "https://storage.azure.com/.default";

  await t.step("a secret", async () => {
    const { out } = await run({ AZURE_CLIENT_SECRET: "fake-secret" });
    assertEquals(JSON.parse(out), ["fake-token", "secret", 60]);
    const expected = { grant_type: "client_credentials", scope, client_id: "app", client_secret: "fake-secret" };
    assertEquals(Object.fromEntries(asked.pop()!), expected);
  });
  await t.step("a pod's token", async () => {
    const encode = (part: object) => btoa(JSON.stringify(part)).replaceAll("=", "");
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const token = `${encode({ alg: "RS256" })}.${encode({ exp, sub: "pod" })}.ZmFrZQ`;
    project.write("token", token);
    const { out, err } = await run({ AZURE_FEDERATED_TOKEN_FILE: `${project.directory}/token` });
    assertEquals([JSON.parse(out), err], [["fake-token", "workload", 60], ""]);
    const { client_assertion, client_id, scope: wanted } = Object.fromEntries(asked.pop()!);
    assertEquals([client_assertion, client_id, wanted], [token, "app", scope]);
  });
  await t.step("az, a stand-in", async () => {
    Deno.mkdirSync(`${project.directory}/bin`);
    writeProgram(`${project.directory}/bin`, "az", `[ "$8" = "${scope}" ] && echo fake-az-token`);
    const { out } = await run({ USE_AZ: "true", PATH: `${project.directory}/bin:${Deno.env.get("PATH")}` });
    assertEquals(JSON.parse(out), ["fake-az-token", "az", 5]);
  });
  await t.step("a secret that is refused stops, whatever stands below it", async () => {
    answer = () => Response.json({ error: "invalid_client" }, { status: 401 });
    const env = { AZURE_CLIENT_SECRET: "fake-secret", USE_AZ: "true" };
    const { code, err } = await run(env);
    assertEquals(code, 1);
    assertStringIncludes(err, '"secret" is denied: "azure:client" from "env" was refused');
  });
});
