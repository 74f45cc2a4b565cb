import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "valibot";
import { createResolver } from "../../mod.ts";
import { descriptionSchema, survey } from "../../src/report/mod.ts";
import chain from "../../chain.config.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import {
  bareEnvironment,
  cliArgs,
  type CliResult,
  runCli,
  runOnTerminal,
  tooWide,
  writeChain,
} from "../support/programs/run_cli.ts";

const PRINCIPAL = { client_id: "alphaswarm_runtime", client_secret: "not-a-secret-of-the-runtime" };

const SHIPPED = ["describe", "--config", new URL("chain.config.ts", rootUrl).pathname];

/** Runs a test with an empty working directory, and the directory in it where the shipped chain looks for documents. */
async function withState(test: (state: string, cwd: string) => Promise<void>): Promise<void> {
  const directory = makeDirectory();
  try {
    Deno.mkdirSync(`${directory.path}/data/bootstrap`, { recursive: true });
    await test(`${directory.path}/data/bootstrap`, directory.path);
  } finally {
    directory.remove();
  }
}

/** Describes the shipped chain, where there are no documents unless a working directory is given. */
async function describeShipped(
  env: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
  cwd?: string,
): Promise<CliResult> {
  if (cwd !== undefined) return await runCli([...SHIPPED, ...more], { env, cwd });
  let result: CliResult;
  await withState(async (_, cwd) => void (result = await describeShipped(env, more, cwd)));
  return result!;
}

async function onTerminal(columns: number): Promise<string> {
  let out = "";
  await withState(async (_, cwd) => {
    out = await runOnTerminal(SHIPPED, { cwd, columns, env: { NO_COLOR: "1" } });
  });
  return out;
}

Deno.test("deno task describe runs describe with permission to read variables and files only", () => {
  const { permissions, tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl)));
  assertEquals(tasks.describe.command, "deno run --quiet --no-prompt -P=describe src/cli/mod.ts describe");
  assertEquals(permissions.describe, { env: true, read: true });
});

const NOTHING_SET = `0 of 9 credentials are available: 6 missing, 3 off
  STATUS   CREDENTIAL      SOURCE  DETAIL
  missing  polaris:oauth   -       not in file, env
  missing  polaris:rest    -       not in file, env; m2m is off
  missing  iceberg:rest    -       not in file, env; m2m is off
  missing  trino:basic     -       not in env; m2m is off
  missing  minio:static    -       not in file, env
  missing  neo4j:basic     -       not in file, env
  off      minio:sts       -       sts is off
  off      minio:identity  -       m2m is off
  off      m2m:client      -       only m2m needs it, which is off

Nothing is set up yet: for each credential you need, do one of the following
  polaris:oauth
    file  data/bootstrap/polaris-principal.json: client_id, client_secret
    env   ALPHASWARM_POLARIS_CLIENT_ID and ALPHASWARM_POLARIS_CLIENT_SECRET
  polaris:rest, iceberg:rest: switch m2m on, as for polaris:oauth in file, or
    env   ALPHASWARM_ICEBERG_REST_CREDENTIAL or ALPHASWARM_ICEBERG_REST_TOKEN
  trino:basic: switch m2m on, or in env: ALPHASWARM_TRINO_USER
  minio:static
    file  data/bootstrap/minio-service-account.json: access_key, secret_key
    env   ALPHASWARM_MINIO_ACCESS_KEY and ALPHASWARM_MINIO_SECRET_KEY
  neo4j:basic: file  data/bootstrap/neo4j-credentials.json: user, password
               env   ALPHASWARM_NEO4J_USER and ALPHASWARM_NEO4J_PASSWORD

To switch on
  m2m     ALPHASWARM_AUTH_M2M_ENABLED=true, ALPHASWARM_AUTH_M2M_TOKEN_URL or
          ALPHASWARM_AUTH_M2M_ISSUER, and m2m:client
    file  data/bootstrap/m2m-client.json: client_id, and client_secret or
          private_key
    env   ALPHASWARM_AUTH_M2M_CLIENT_ID, and ALPHASWARM_AUTH_M2M_CLIENT_SECRET
          or ALPHASWARM_AUTH_M2M_PRIVATE_KEY
  sts     ALPHASWARM_MINIO_STS_URL, and m2m

Stores, in the order they are asked: kind, priority, and what may be set
  off  m2m   oauth2  300  client: ALPHASWARM_AUTH_M2M_AUTHENTICATION
    request  ALPHASWARM_AUTH_M2M_RESOURCE_PARAMETER, ALPHASWARM_AUTH_M2M_SCOPE,
             ALPHASWARM_AUTH_M2M_AUDIENCE, ALPHASWARM_AUTH_M2M_ORGANIZATION,
             ALPHASWARM_POLARIS_REALM, ALPHASWARM_AUTH_M2M_POLARIS_SCOPE,
             ALPHASWARM_AUTH_M2M_TRINO_SCOPE, ALPHASWARM_AUTH_M2M_MINIO_SCOPE
  off  sts   sts     250  role: ALPHASWARM_MINIO_STS_ROLE_ARN
  on   file  file    200  data/bootstrap, or ALPHASWARM_BOOTSTRAP_STATE_DIR
  on   env   env     100
    optional    ALPHASWARM_POLARIS_PRINCIPAL, ALPHASWARM_ICEBERG_REST_SCOPE,
                ALPHASWARM_TRINO_TOKEN, ALPHASWARM_TRINO_ACCESS_TOKEN,
                ALPHASWARM_TRINO_SOURCE, ALPHASWARM_MINIO_REGION
    addresses   ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI, ALPHASWARM_NEO4J_URI,
                ALPHASWARM_MINIO_ENDPOINT_URL
    m2m:client  ALPHASWARM_AUTH_M2M_CERTIFICATE, ALPHASWARM_AUTH_M2M_KEY_ID
Fields: describe --fields. One credential: explain KEY.
`;

Deno.test("describe with nothing set says in 50 lines how to supply each credential and which variables there are", async () => {
  const { code, out, err } = await describeShipped();
  assertEquals([code, err], [0, ""]);
  assertEquals(out, NOTHING_SET);
  assert(NOTHING_SET.trimEnd().split("\n").length <= 50);
  assertEquals(tooWide(out), []);
  const page = Deno.readTextFileSync(new URL("src/cli/README.md", rootUrl));
  const [, shown] = /\$ deno task describe\n([^]*?)```/.exec(page)!;
  assertEquals(shown, NOTHING_SET.replace(/describe --fields|explain KEY/g, "deno task $&"));
});

/** Every variable that the shipped chain reads. */
async function shippedVariables(): Promise<ReadonlySet<string>> {
  const { stores, credentials } = parse(descriptionSchema, JSON.parse((await describeShipped({}, ["--json"])).out));
  const references = stores.flatMap(({ references }) => references.map(({ variable }) => variable));
  const reads = credentials.flatMap(({ from }) => from.filter(({ store }) => store === "env"));
  return new Set([...references, ...reads.flatMap(({ reads }) => reads)]);
}

Deno.test("describe prints every variable of the chain in full, and breaks none, in a wide, a narrow and no terminal", async () => {
  const variables = await shippedVariables();
  assert(variables.size > 35, `${variables.size} variables`);
  for (const columns of [undefined, 60, 140]) {
    const out = columns === undefined ? (await describeShipped()).out : await onTerminal(columns);
    const printed = new Set(out.match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g));
    assertEquals([...variables].filter((name) => !printed.has(name)), [], `${columns} columns`);
    assertEquals([...printed].filter((name) => !variables.has(name)), [], `${columns} columns`);
    assertEquals(out.split("\n").filter((line) => line.length > (columns ?? 80)), [], `${columns} columns`);
    assertMatch(out, /^0 of 9 credentials are available: 6 missing, 3 off\n/);
  }
});

Deno.test("describe uses the width of the terminal, and 80 columns where it has none", async () => {
  const longest = (out: string) => Math.max(...out.split("\n").map(({ length }) => length));
  const [narrow, unknown, wide] = await Promise.all([60, 0, 140].map(onTerminal)) as [string, string, string];
  assertEquals([longest(narrow) <= 60, longest(wide) > 100], [true, true]);
  assertEquals(unknown, NOTHING_SET);
  assert(wide.split("\n").length < NOTHING_SET.split("\n").length);
});

Deno.test("describe names a document that is cut off once, first, with its line and column and what to do", () =>
  withState(async (state, cwd) => {
    Deno.writeTextFileSync(`${state}/polaris-principal.json`, '{"client_id": "cut off",\n');
    const { code, out } = await describeShipped({}, [], cwd);
    assertEquals(code, 0);
    const [first, errors, credentials, missing] = sections(out);
    assertEquals(first, "0 of 9 credentials are available: 3 errors, 3 missing, 3 off\n\n");
    assertEquals(
      errors,
      `Errors
  error   polaris:oauth, polaris:rest, iceberg:rest
    file  data/bootstrap/polaris-principal.json:2:1 is not valid JSON: expected
          a JSON object
    fix   Write the file again, or remove it to let env answer.
          It is not skipped: its credential may be the newer one.

`,
    );
    assertEquals(
      credentials,
      `Credentials
  STATUS   CREDENTIAL      SOURCE  DETAIL
  error    polaris:oauth   -       file is invalid; env was not asked
  error    polaris:rest    -       file is invalid; env was not asked
  error    iceberg:rest    -       file is invalid; env was not asked
  missing  trino:basic     -       not in env; m2m is off
  missing  minio:static    -       not in file, env
  missing  neo4j:basic     -       not in file, env
  off      minio:sts       -       sts is off
  off      minio:identity  -       m2m is off
  off      m2m:client      -       only m2m needs it, which is off

`,
    );
    assertMatch(missing!, /^To supply the missing ones, do one of the following for each\n {2}trino:basic: /);
    assertEquals(missing!.includes("polaris"), false);
  }));

Deno.test("describe says what a document or a variable lacks, and what is not of its form", () =>
  withState(async (state, cwd) => {
    Deno.writeTextFileSync(`${state}/m2m-client.json`, '{"client_id":"alone"}');
    Deno.writeTextFileSync(`${state}/minio-service-account.json`, '{"error":"AccessDenied"}');
    Deno.writeTextFileSync(`${state}/polaris-principal.json`, '{"client_id":"x","client_secret":["x"]}');
    const { out } = await describeShipped({ ALPHASWARM_NEO4J_USER: "alone" }, [], cwd);
    const errors = sections(out)[1]!.replace(/\s+/g, " ");
    assertStringIncludes(
      errors,
      "error minio:static file data/bootstrap/minio-service-account.json is there, but has none of access_key, " +
        "accessKey, secret_key, secretKey fix Add the rest, or remove the file to let env answer. It is not skipped",
    );
    assertStringIncludes(errors, "error neo4j:basic env lacks ALPHASWARM_NEO4J_PASSWORD fix Add the rest, or remove ");
    assertStringIncludes(
      errors,
      "error m2m:client file data/bootstrap/m2m-client.json lacks client_secret, private_key fix Add the rest",
    );
    assertMatch(errors, /polaris-principal.json#client_secret is not text fix Write the file again, or remove it /);
    assertMatch(out, /error +neo4j:basic +- +env is incomplete\n/);
  }));

Deno.test("describe says all that it takes to switch a store on, but only what is missing", () =>
  withState(async (state, cwd) => {
    Deno.writeTextFileSync(`${state}/m2m-client.json`, JSON.stringify(PRINCIPAL), { mode: 0o600 });
    const switches = async (env: Record<string, string>) => {
      const { out } = await describeShipped(env, [], cwd);
      assertEquals(tooWide(out), []);
      return sections(out).find((section) => section.startsWith("To switch on"))?.trimEnd();
    };
    assertEquals(
      await switches({ ALPHASWARM_MINIO_STS_URL: "http://127.0.0.1:9000" }),
      `To switch on
  m2m  ALPHASWARM_AUTH_M2M_ENABLED=true, and ALPHASWARM_AUTH_M2M_TOKEN_URL or
       ALPHASWARM_AUTH_M2M_ISSUER
  sts  m2m`,
    );
    assertEquals(
      await switches({ ALPHASWARM_AUTH_M2M_ISSUER: "http://127.0.0.1:9000", ALPHASWARM_AUTH_M2M_ENABLED: "no" }),
      `To switch on
  m2m  ALPHASWARM_AUTH_M2M_ENABLED=true
  sts  ALPHASWARM_MINIO_STS_URL, and m2m`,
    );
    const on = { ALPHASWARM_AUTH_M2M_ISSUER: "http://127.0.0.1:9000", ALPHASWARM_AUTH_M2M_ENABLED: "yes" };
    assertEquals(
      await switches(on),
      `To switch on
  sts  ALPHASWARM_MINIO_STS_URL, and minio:identity`,
    );
    assertEquals(await switches({ ...on, ALPHASWARM_MINIO_STS_URL: "http://127.0.0.1:9000" }), undefined);
  }));

Deno.test("explain says all that it takes to switch a store on, and the stores that it needs", () =>
  withState(async (_, cwd) => {
    const explain = (env: Readonly<Record<string, string>>) =>
      runCli(["explain", "minio:sts", "--config", SHIPPED[2]!], { cwd, env });
    const [hint] = /To switch on[^]*/.exec((await explain({})).out) ?? [];
    assertEquals(hint, `To switch on${/To switch on([^]*?\n)\n/.exec(NOTHING_SET)![1]}`);
    const set = { ALPHASWARM_AUTH_M2M_ENABLED: "1", ALPHASWARM_MINIO_STS_URL: "https://minio.test" };
    const { out } = await explain(set);
    assertEquals(out.includes("To switch on"), false);
  }));

Deno.test("check says what switches on a store that a missing credential could come from, and what that store needs", () =>
  withState(async (_, cwd) => {
    writeChain(
      cwd,
      `(() => {
        const issuer = defineStore({ kind: "issuer", shape: token, needs: ["login"], open: () => () => undefined });
        return defineChain({
          stores: {
            above: issuer({ priority: 3, enabled: flag("ABOVE"), login: "a:login" }),
            below: issuer({ priority: 2, enabled: false, url: fromEnv("URL"), login: "a:client" }),
            other: issuer({ priority: 4, enabled: flag("OTHER"), login: "a:client" }),
            env: env({ priority: 1 }),
          },
          credentials: {
            "a:token": { fields: { token: required() }, from: { above: true, env: { prefix: "A_" } } },
            "a:login": { fields: { token: required() }, from: { below: true } },
            "a:client": { fields: { id: required() }, from: { env: { prefix: "CLIENT_" } } },
            "a:other": { fields: { token: required() }, from: { other: true } },
          },
        });
      })()`,
    );
    const { code, out } = await runCli(["check", "a:token"], { cwd });
    assertEquals(code, 1);
    assertMatch(out, /^ {2}a:token: switch above on, or in env: A_TOKEN$/m);
    assertMatch(
      out,
      /^To switch on\n {2}above {2}ABOVE=true, and below\n {2}below {2}enabled: true in the chain, URL, and a:client\n/m,
    );
  }));

Deno.test("describe shows which store serves each credential, where its settings come from, and which are set", () =>
  withState(async (state, cwd) => {
    Deno.writeTextFileSync(`${state}/polaris-principal.json`, JSON.stringify(PRINCIPAL));
    const { code, out } = await describeShipped(
      {
        ALPHASWARM_BOOTSTRAP_STATE_DIR: state,
        ALPHASWARM_POLARIS_CLIENT_ID: "root",
        ALPHASWARM_POLARIS_CLIENT_SECRET: "s3cr3t",
        ALPHASWARM_ICEBERG_REST_SCOPE: "PRINCIPAL_ROLE:ALL",
        ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI: "https://127.0.0.1/tokens",
        ALPHASWARM_AUTH_M2M_AUDIENCE: " ",
        ALPHASWARM_AUTH_M2M_SCOPE: "PRINCIPAL_ROLE:ALL",
      },
      [],
      cwd,
    );
    assertEquals(code, 0);
    assertMatch(out, /^3 of 9 credentials are available: 3 missing, 3 off\n/);
    assertMatch(out, /^ {2}ok +polaris:oauth +file$/m);
    assertMatch(out, /^ {2}ok +polaris:rest +file +oauth2_server_uri and scope from env$/m);
    assertMatch(out, /^ {2}on +file +file +200 +directory: ALPHASWARM_BOOTSTRAP_STATE_DIR \(set\)$/m);
    assertEquals(out.match(/\b\w+ \(set\)/g)?.toSorted(), [
      "ALPHASWARM_AUTH_M2M_SCOPE (set)",
      "ALPHASWARM_BOOTSTRAP_STATE_DIR (set)",
      "ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI (set)",
      "ALPHASWARM_ICEBERG_REST_SCOPE (set)",
    ]);
    assertMatch(
      out,
      /file +\$ALPHASWARM_BOOTSTRAP_STATE_DIR\/minio-service-account.json:\n? +access_key, secret_key\n/,
    );
    assertEquals([out.includes(state), tooWide(out)], [false, []]);
  }));

Deno.test("describe of a chain of which all is available says so, and how to supply nothing", () =>
  withState(async (_, cwd) => {
    writeChain(
      cwd,
      `defineChain({
        stores: { env: env({ priority: 1 }) },
        credentials: {
          "db:basic": { fields: { user: required(), password: optional() }, from: { env: { prefix: "DB_" } } },
          "db:url": { fields: { url: required() }, from: { env: { prefix: "DB_" } } },
        },
      })`,
    );
    const { out } = await runCli(["describe"], { cwd, env: { DB_USER: "reader", DB_URL: "bolt://127.0.0.1" } });
    assertEquals(
      out,
      `2 of 2 credentials are available
  STATUS  CREDENTIAL  SOURCE  DETAIL
  ok      db:basic    env
  ok      db:url      env

Stores, in the order they are asked: kind, priority, and what may be set
  on  env  env  1  optional: DB_PASSWORD
Fields: describe --fields. One credential: explain KEY.
`,
    );
  }));

Deno.test("describe says of a degraded credential which store should have answered, and of a failed one what to do", () =>
  withState(async (_, cwd) => {
    writeChain(
      cwd,
      `(() => {
        const down = defineStore({ kind: "down", shape: variables, local: true, open: () => () => unavailable("HTTP 503") });
        return defineChain({
          stores: { down: down({ priority: 2 }), env: env({ priority: 1 }) },
          credentials: {
            "db:basic": { fields: { user: required() }, from: { down: { prefix: "" }, env: { prefix: "DB_" } } },
            "db:down": { fields: { user: required() }, from: { down: { prefix: "" } } },
          },
        });
      })()`,
    );
    const { out } = await runCli(["describe"], { cwd, env: { DB_USER: "reader" } });
    const [first, errors, credentials] = sections(out);
    assertEquals(first, "1 of 2 credentials are available: 1 error, 1 degraded\n\n");
    assertEquals(
      errors,
      "Errors\n  error   db:down\n    down  HTTP 503\n    fix   Try again once the store answers\n\n",
    );
    assertMatch(
      credentials!,
      / error +db:down +- +down is unavailable\n {2}degraded +db:basic +env +down is unavailable\n/,
    );
  }));

Deno.test("describe prints a hint once for all credentials that it holds for, however many there are", () =>
  withState(async (_, cwd) => {
    writeChain(
      cwd,
      `defineChain({
        stores: { file: file({ priority: 1, directory: "state" }) },
        credentials: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [
          "db:" + at, { fields: { user: required() }, from: { file: "db.json" } },
        ])),
      })`,
    );
    const { out } = await runCli(["describe"], { cwd });
    assertMatch(out, /^0 of 30 credentials are available: 30 missing\n/);
    assertEquals(out.match(/state\/db.json: user/g)?.length, 1);
    assertEquals([out.trimEnd().split("\n").length, tooWide(out)], [42, []]);
  }));

Deno.test("describe --fields prints the fields of each credential too, and what its notation means", async () => {
  const { out } = await describeShipped({}, ["--fields"]);
  const fields = sections(out).find((section) => section.startsWith("Fields\n"));
  assertMatch(fields!, /^Fields\n {2}CREDENTIAL +FIELDS\n {2}polaris:oauth +client_id, client_secret, \[principal\]\n/);
  assertMatch(fields!, / polaris:rest +credential \| token \+ oauth2_server_uri, scope\n/);
  assertMatch(fields!, /\n\n {2}\[x\] optional · x \| y at least one · \+ x setting or destination\n/);
  assertEquals([out.replace(fields!, "") === NOTHING_SET, tooWide(out)], [true, []]);
});

Deno.test("describe prints no value of any variable or file that the chain reads", () =>
  withState(async (state, cwd) => {
    const variables = [...await shippedVariables()].filter((name) => name !== "ALPHASWARM_BOOTSTRAP_STATE_DIR");
    const secrets = Object.fromEntries(variables.map((name) => [name, crypto.randomUUID()]));
    const [member, ...values] = Array.from({ length: 3 }, () => crypto.randomUUID());
    Deno.writeTextFileSync(
      `${state}/polaris-principal.json`,
      JSON.stringify({ [member!]: values[0], client_id: values[1] }),
    );
    for (const enabled of ["true", "no", secrets.ALPHASWARM_AUTH_M2M_ENABLED!]) {
      for (const more of [[], ["--fields"], ["--json"]]) {
        const { code, out, err } = await describeShipped(
          { ...secrets, ALPHASWARM_AUTH_M2M_ENABLED: enabled },
          more,
          cwd,
        );
        assertEquals([code, err], [0, ""]);
        assertEquals([member!, ...values, ...Object.values(secrets)].filter((value) => out.includes(value)), []);
      }
    }
  }));

Deno.test("describe --json prints what resolver.describe() returns, valid against its schema", async () => {
  const { out } = await runCli(["describe", "--json"], { env: { ALPHASWARM_TRINO_USER: "reader" } });
  const printed = parse(descriptionSchema, JSON.parse(out));
  const resolver = createResolver(chain, testHost({ env: { ALPHASWARM_TRINO_USER: "reader" } }));
  await survey(resolver);
  assertEquals(withoutTimes(printed), withoutTimes(resolver.describe()));
});

Deno.test("describe without a permission reports denied, with the missing flag", async () => {
  const { code, out, err } = await runCli(["describe"], { flags: ["--allow-read"] });
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /file +needs --allow-env=ALPHASWARM_BOOTSTRAP_STATE_DIR\n +fix +Give this process the permission/);
  assertMatch(out, /^ {2}error +polaris:oauth +- +file is denied; env was not asked$/m);
  const unread = await runCli(["describe"], { flags: ["--allow-env"] });
  assertEquals([unread.code, unread.out], [2, ""]);
  assertStringIncludes(unread.err, "Cannot load ./chain.config.ts: reading it needs --allow-read=chain.config.ts");
});

Deno.test("describe says that a variable may not be read or is not text, and does not call it unset", async () => {
  const args = (flags: string) => ["-c", `${flags} exec "$0" "$@"`, Deno.execPath()];
  const run = async (flags: string, permissions: readonly string[], more: readonly string[] = []) => {
    const { stdout } = await new Deno.Command("sh", {
      args: [...args(flags), ...cliArgs(["describe", ...more], permissions)],
      env: bareEnvironment(),
      clearEnv: true,
      cwd: rootUrl,
    }).output();
    return new TextDecoder().decode(stdout).replace(/\s+/g, " ");
  };
  const granted = "--allow-env=ALPHASWARM_AUTH_M2M_ENABLED,ALPHASWARM_AUTH_M2M_TOKEN_URL,ALPHASWARM_AUTH_M2M_ISSUER," +
    "ALPHASWARM_MINIO_STS_URL";
  const denied = await run("", [granted, "--allow-read"]);
  assertStringIncludes(denied, "invalid file file 200 needs --allow-env=ALPHASWARM_BOOTSTRAP_STATE_DIR on env");
  assertStringIncludes(denied, "ALPHASWARM_AUTH_M2M_TRINO_SCOPE (may not be read)");
  assertMatch(denied, /ALPHASWARM_TRINO_TOKEN, ?ALPHASWARM_TRINO_ACCESS_TOKEN, ?ALPHASWARM_TRINO_SOURCE fix/);
  assertEquals([denied.includes("is not set"), denied.includes("ALPHASWARM_AUTH_M2M_TOKEN_URL (")], [false, false]);
  const broken = `export ALPHASWARM_BOOTSTRAP_STATE_DIR="$(printf '\\377')";`;
  assertStringIncludes(
    await run(broken, ["--allow-env", "--allow-read"]),
    "file 200 ALPHASWARM_BOOTSTRAP_STATE_DIR is not valid UTF-8 text",
  );
  const described = parse(
    descriptionSchema,
    JSON.parse(await run(broken, ["--allow-env", "--allow-read"], ["--json"])),
  );
  assertEquals(described.stores.find(({ name }) => name === "file")?.references, [
    { option: "directory", variable: "ALPHASWARM_BOOTSTRAP_STATE_DIR", set: false, unreadable: "invalid" },
  ]);
});

Deno.test("describe, check and explain name the client too where a store that is on lacks its URL", async () => {
  const directory = makeDirectory();
  try {
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path, ALPHASWARM_AUTH_M2M_ENABLED: "true" };
    const lacks = "neither ALPHASWARM_AUTH_M2M_TOKEN_URL nor ALPHASWARM_AUTH_M2M_ISSUER is set ";
    const supply =
      'supply "m2m:client" too, in file: $ALPHASWARM_BOOTSTRAP_STATE_DIR/m2m-client.json: client_id, and ' +
      "client_secret or private_key; or in env: ALPHASWARM_AUTH_M2M_CLIENT_ID, and ALPHASWARM_AUTH_M2M_CLIENT_SECRET or " +
      "ALPHASWARM_AUTH_M2M_PRIVATE_KEY ";
    const commands = [
      [["describe"], `${lacks}fix Set one of them and ${supply}`],
      [["check"], `${lacks}fix Set one of them and ${supply}`],
      [["check", "polaris:rest"], `${lacks}fix Set one of them and ${supply}`],
      [["explain", "polaris:rest"], `${lacks}fix: Set one of them and ${supply}`],
    ] as const;
    for (const [args, expected] of commands) {
      const { out } = await runCli(args, { env });
      assertStringIncludes(out.replace(/\s+/g, " "), expected, args.join(" "));
      assertEquals(tooWide(out), []);
    }
    const inPart = await runCli(["explain", "polaris:rest"], { env: { ...env, ALPHASWARM_AUTH_M2M_CLIENT_ID: "a" } });
    assertMatch(
      inPart.out.replace(/\s+/g, " "),
      /supply "m2m:client" too, in env: ALPHASWARM_AUTH_M2M_CLIENT_SECRET or ALPHASWARM_AUTH_M2M_PRIVATE_KEY /,
    );
    Deno.writeTextFileSync(`${directory.path}/m2m-client.json`, JSON.stringify(PRINCIPAL), { mode: 0o600 });
    const { out } = await runCli(["explain", "polaris:rest"], { env });
    assertEquals([/ISSUER\s+is\s+set/.test(out), out.includes('"m2m:client"')], [true, false]);
    assertStringIncludes(out, "\n  m2m ← m2m:client: ok from file\n");
  } finally {
    directory.remove();
  }
});

Deno.test("check of a token that is refused blames neither a document nor a permission of this process", async () => {
  const directory = makeDirectory();
  try {
    const refusing = (refusal: string) =>
      `defineStore({ kind: "own", shape: token, open: () => () => ${refusal}("the reason") })`;
    writeChain(
      directory.path,
      `defineChain({
        stores: { a: ${refusing("denied")}({ priority: 3 }), b: ${
        refusing("invalid")
      }({ priority: 2 }), memory: memory({ priority: 1, values: {} }) },
        credentials: {
          "a:a": { fields: { token: required() }, from: { a: true, memory: { prefix: "" } } },
          "b:b": { fields: { token: required() }, from: { b: true, memory: { prefix: "" } } },
        },
      })`,
    );
    const { code, out } = await runCli(["check"], { cwd: directory.path });
    assertEquals(code, 1);
    assertMatch(out, /a:a\n[^:]+fix +Correct its options\./);
    assertMatch(out, /b:b\n[^:]+fix +Correct the option or the request that it names\./);
  } finally {
    directory.remove();
  }
});

Deno.test("a narrow terminal shows no line that is wider than it, or that ends with spaces", () =>
  withState(async (_, cwd) => {
    for (const columns of [40, 50, 60, 100]) {
      for (const env of [{}, { ALPHASWARM_AUTH_M2M_ENABLED: "true" }, { ALPHASWARM_BOOTSTRAP_STATE_DIR: "~" }]) {
        const all = { ...env, ALPHASWARM_MINIO_ACCESS_KEY: "a", ALPHASWARM_MINIO_SECRET_KEY: "b", NO_COLOR: "1" };
        const lines = (await runOnTerminal(SHIPPED, { cwd, columns, env: all })).split("\n");
        assertEquals(lines.filter((line) => line.length > columns || line.endsWith(" ")), [], `${columns}`);
      }
    }
  }));

Deno.test("describe reports a file that it is not permitted to read as denied, with the missing flag", async () => {
  const directory = makeDirectory();
  try {
    const flags = ["--allow-env", `--allow-read=${new URL(".", rootUrl).pathname}`];
    const { code, out } = await runCli(["describe"], {
      flags,
      env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path },
    });
    assertEquals(code, 0);
    assertMatch(
      out.replace(/\s+/g, " "),
      /file \$ALPHASWARM_BOOTSTRAP_STATE_DIR\/m2m-client.json needs --allow-read=\$ALPHASWARM_BOOTSTRAP_STATE_DIR fix Give /,
    );
  } finally {
    directory.remove();
  }
});

Deno.test("describe does not ask a store that needs the network, and says so", async () => {
  const directory = makeDirectory();
  try {
    const asked = `${directory.path}/asked`;
    writeChain(
      directory.path,
      `(() => {
        const remote = defineStore({ kind: "remote", shape: variables, open: () => (name) => {
          Deno.writeTextFileSync(${JSON.stringify(asked)}, name);
          return undefined;
        } });
        return defineChain({
          stores: {
            remote: remote({ priority: 2 }),
            env: env({ priority: 1 }),
            strict: mounted({ priority: 0, directory: fromEnv("UNSET_DIR") }),
          },
          credentials: {
            "db:basic": { fields: { user: required() }, from: { remote: { prefix: "" }, env: { prefix: "DB_" } } },
            "db:below": { fields: { user: required() }, from: { env: { prefix: "LOW_" } } },
            "db:stopped": { fields: { user: required() }, from: { remote: { prefix: "" }, strict: { prefix: "DB_" } } },
            "db:three": {
              fields: { user: required() },
              from: { remote: { prefix: "" }, env: { prefix: "DB_" }, strict: { prefix: "DB_" } },
            },
          },
        });
      })()`,
    );
    const { code, out } = await runCli(["describe"], {
      cwd: directory.path,
      env: { DB_USER: "reader", LOW_USER: "reader" },
      flags: ["--allow-env", "--allow-read", "--allow-write"],
    });
    assertEquals(code, 0);
    assertMatch(out, /^1 of 4 credentials are available: 3 not asked\n/);
    assertMatch(out, /not asked +db:basic +- +remote needs the network; otherwise env\n/);
    assertMatch(out, /ok +db:below +env\n/);
    assertMatch(out, /not asked +db:stopped +- +remote needs the network; otherwise strict is\s+invalid\n/);
    assertMatch(out, /not asked +db:three +- +remote needs the network; otherwise env\n/);
    assertEquals(await exists(asked), false);
  } finally {
    directory.remove();
  }
});

Deno.test("describe fits in 80 columns and prints names in full, however long they are", async () => {
  const directory = makeDirectory();
  try {
    const long = "a_name_that_goes_on_and_on_".repeat(5);
    writeChain(
      directory.path,
      `defineChain({
        stores: { ${long}: env({ priority: 123456789 }), env: env({ priority: 1, enabled: flag("${long}FLAG") }) },
        credentials: {
          "service:${long}": { fields: { ${long}: required(), b: setting() }, from: { ${long}: { prefix: "${long}" } } },
          "service:b": { fields: { a: required() }, from: { env: { prefix: "B_" } } },
        },
      })`,
    );
    for (const command of [["describe"], ["check"], ["explain", `service:${long}`]]) {
      const { out } = await runCli(command, { cwd: directory.path });
      assertEquals(tooWide(out), []);
      assertStringIncludes(out.replace(/\s+/g, ""), (long + long).toUpperCase().slice(0, 20), command[0]);
    }
  } finally {
    directory.remove();
  }
});

Deno.test("describe, explain and check take a store by any name, also one that every object has", async () => {
  const directory = makeDirectory();
  try {
    writeChain(
      directory.path,
      `defineChain({
        stores: { constructor: env({ priority: 2 }), toString: mounted({ priority: 1, directory: "state" }) },
        credentials: {
          "db:basic": { fields: { user: required() }, from: { constructor: { prefix: "DB_" }, toString: { prefix: "" } } },
        },
      } as never)`,
    );
    for (const args of [["describe"], ["explain", "db:basic"], ["check"]]) {
      const { out, err } = await runCli(args, { cwd: directory.path });
      assertEquals(err, "", args[0]);
      assertMatch(out, /constructor[^]*DB_USER/);
    }
  } finally {
    directory.remove();
  }
});

Deno.test("describe is coloured on a terminal, but not in a pipe or with NO_COLOR", async () => {
  const escape = "\x1b[";
  assertEquals((await runCli(["describe"])).out.includes(escape), false);
  const plain = await runOnTerminal(["describe"], { env: { NO_COLOR: "1" } });
  assertStringIncludes(plain, "polaris:oauth");
  assertEquals(plain.includes(escape), false);
  const coloured = await runOnTerminal(["describe"]);
  assert(coloured.includes(`${escape}32m`), coloured);
  // deno-lint-ignore no-control-regex -- Colours are control characters.
  assertEquals(coloured.replace(/\x1b\[\d+m/g, ""), plain, "the text is the same with and without colours");
});

function sections(out: string): readonly string[] {
  return out.split(/^(?=\S)/m);
}

function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, member) => ["at", "resolvedAt"].includes(name) ? "then" : member));
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
