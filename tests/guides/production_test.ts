/** The guide for production: each command of its list is run as it stands there, at the service of the guide. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { Page, withValues } from "../support/pages/page.ts";
import { makeProject } from "../support/packaging/project.ts";
import { Daemon } from "../support/servers/daemon.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { waitForAnswer } from "../support/servers/wait_for_answer.ts";
import type { LogEvent } from "../../mod.ts";

const GUIDE = new Page(".github/guides/production.md");
const ITEMS = [...GUIDE.text.matchAll(/^- \[ \] ([\s\S]*?)(?=\n(?:- |\n))/gm)].map(([, item]) =>
  item!.replace(/\s+/g, " ")
);
const COMMANDS = ITEMS.flatMap((item) => /Verify[^:]*: `([^`]+)`/.exec(item)?.[1] ?? []);
const TOKEN = "fake-token-of-the-route";

/** What each command prints, by its beginning; `undefined` where it prints nothing. */
const EXPECTED: Readonly<Record<string, RegExp | undefined>> = {
  "credentials check": /No problems found/,
  "grep 'defaults": /defaults: "forbid"/,
  "credentials explain polaris:rest --live": /polaris:rest: ok from m2m/,
  "credentials permissions": /--allow-env=/,
  'find "$STATE_DIRECTORY"': undefined,
  "credentials check polaris:rest": /No problems found/,
  "date -u && curl": /date: .*GMT/i,
  "credentials explain polaris:rest --live --json": /"ms": \d+/,
  'curl -sf "$ROUTE/ready"': /"status":"ok"/,
  "curl -s -o /dev/null": /^401$/m,
  "credentials describe --url": /polaris:rest/,
  "TOKEN_URL=http://127.0.0.1:9/token": /"source":"credentials","type":"failed"/,
};

/** Whether this machine has the program by which some items are verified. */
const HAS_CURL = Deno.env.get("PATH")!.split(":").some((directory) => exists(`${directory}/curl`));

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The service of the guide, and how a command is run beside it. */
interface Service extends AsyncDisposable {
  readonly oidc: OidcProvider;
  readonly output: string;
  write(path: string, text: string): void;
  run(command: string): Promise<{ readonly code: number; readonly out: string }>;
}

async function start(): Promise<Service> {
  const oidc = await startOidcProvider();
  const project = await makeProject();
  const { clientId: client_id, clientSecret: client_secret } = oidc.clients.basic;
  const { path: state, remove } = makeDirectory();
  Deno.writeTextFileSync(`${state}/m2m-client.json`, JSON.stringify({ client_id, client_secret }), { mode: 0o600 });
  const [port = 0] = freePorts(1);
  project.write("chain.config.ts", GUIDE.file("chain.config.ts"));
  project.write("main.ts", withValues(GUIDE.file("main.ts"), { "port: 9090": `port: ${port}` }));
  const env = {
    PATH: `${project.program("node-26").replace(/\/node$/, "")}:/usr/bin:/bin`,
    HOME: project.directory,
    TOKEN_URL: oidc.tokenEndpoint,
    STATE_DIRECTORY: state,
    DESCRIBE_TOKEN: TOKEN,
    ROUTE: `http://127.0.0.1:${port}/credentials`,
  };
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const daemon = new Daemon("env", "-i", "-C", project.directory, ...variables, "node", "main.ts");
  await waitForAnswer("the service", `${env.ROUTE}/ready`, daemon, 20_000);
  const shell = 'credentials() { node node_modules/@alphaswarm/credentials/cli.js "$@"; }\n';
  return {
    oidc,
    get output() {
      return daemon.output;
    },
    write: project.write,
    run: async (command) => {
      const { code, stdout, stderr } = await new Deno.Command("timeout", {
        args: ["-k", "1", "5", "bash", "-c", `${shell}${command}`],
        cwd: project.directory,
        env,
        clearEnv: true,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, out: `${decoder.decode(stdout)}${decoder.decode(stderr)}` };
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      await oidc.stop();
      remove();
      project[Symbol.dispose]();
    },
  };
}

Deno.test("each item of the guide's list says how it is verified, and each command prints what it should", async (t) => {
  assertEquals(COMMANDS.length, ITEMS.length - 1, "all but the metrics, which have a test of their own");
  await using service = await start();
  assertEquals(Object.keys(EXPECTED).length, COMMANDS.length);
  for (const [index, [beginning, expected]] of Object.entries(EXPECTED).entries()) {
    const command = COMMANDS[index]!;
    const verify = async () => {
      assert(command.startsWith(beginning), `${command} is not ${beginning}`);
      const { out } = await service.run(command);
      if (expected === undefined) assertEquals(out, "");
      else assert(expected.test(out), out);
    };
    await t.step({ name: command, ignore: command.includes("curl") && !HAS_CURL, fn: verify });
  }
});

const REHEARSAL = "the rehearsal of a rotation in the guide goes as it says, without a failure";

Deno.test({ name: REHEARSAL, ignore: !HAS_CURL }, async () => {
  await using service = await start();
  const { clientId: client_id } = service.oidc.clients.basic;
  const client_secret = `fake-${crypto.randomUUID()}`;
  service.write("new-client.json", JSON.stringify({ client_id, client_secret }));
  // Hint: the provider of the tests takes one secret at a time, so it changes just before the document.
  await service.oidc.rotateSecret(client_id, client_secret);
  const { code, out } = await service.run(GUIDE.blocks("A rotation, rehearsed", "sh")[0]);
  assertEquals(code, 0, out);
  const generations = [...out.matchAll(/"key": "(.*)"|"generation": (\d+)/g)].map(([, key, count]) =>
    key ?? Number(count)
  );
  const half = generations.lastIndexOf(generations[0]!);
  assert(half > 0, out);
  assertNotEquals(generations.slice(0, half), generations.slice(half));
  for (const type of ["stopped", "failed"]) {
    assertEquals(service.output.includes(`"type":"${type}"`), false, service.output);
  }
});

Deno.test("the guide says of each type of event when to alert", () => {
  const TYPES = {
    walk: 0,
    renewed: 0,
    changed: 0,
    degraded: 0,
    failed: 0,
    stopped: 0,
    missing: 0,
    shadowed: 0,
    share: 0,
    ignored: 0,
  } satisfies Record<LogEvent["type"], 0>;
  const listed = GUIDE.rows("While it runs").flatMap(([cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)
  );
  const codes = ["denied", "invalid", "unavailable"];
  assertEquals([...new Set(listed)].filter((name) => !codes.includes(name)).toSorted(), Object.keys(TYPES).toSorted());
  assertStringIncludes(GUIDE.text, "credential.generation");
});
