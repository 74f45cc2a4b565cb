import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "valibot";
import { createResolver } from "../../mod.ts";
import { descriptionSchema, survey } from "../../src/report/mod.ts";
import chain from "../../chain.config.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { bareEnvironment, cliArgs, runCli, tooWide, writeChain } from "../support/programs/run_cli.ts";

const PRINCIPAL = { client_id: "alphaswarm_runtime", client_secret: "not-a-secret-of-the-runtime" };

Deno.test("deno task describe runs describe with permission to read variables and files only", () => {
  const { permissions, tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl)));
  assertEquals(tasks.describe.command, "deno run --quiet --no-prompt -P=describe src/cli/mod.ts describe");
  assertEquals(permissions.describe, { env: true, read: true });
});

Deno.test("describe exits with 0 when no store has a credential, and says how to supply each", async () => {
  const directory = makeDirectory();
  try {
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path };
    const { code, out, err } = await runCli(["describe"], { env });
    assertEquals([code, err], [0, ""]);
    const [stores, credentials, missing] = sections(out);
    assertMatch(stores!, /300 +m2m +oauth2 +off +set ALPHASWARM_AUTH_M2M_ENABLED to true/);
    assertMatch(stores!, /200 +file +file +on[^]*100 +env +env +on/);
    assertMatch(credentials!, /polaris:oauth +client_id, client_secret, +no store: not in file or env/);
    assertMatch(credentials!, /minio:identity +token +no store: m2m is off/);
    assertMatch(
      missing!,
      /polaris:oauth\n +file +\$ALPHASWARM_BOOTSTRAP_STATE_DIR\/polaris-principal.json: client_id,/,
    );
    assertMatch(missing!, /env +ALPHASWARM_POLARIS_CLIENT_ID, ALPHASWARM_POLARIS_CLIENT_SECRET/);
    assertMatch(missing!, /minio:identity\n +m2m +set ALPHASWARM_AUTH_M2M_ENABLED to true/);
    assertEquals(tooWide(out), []);
  } finally {
    directory.remove();
  }
});

Deno.test("describe says all that it takes to switch a store on, but only what is missing", async () => {
  const directory = makeDirectory();
  try {
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path };
    const bare = await runCli(["describe"], { env });
    const switches = (out: string) => sections(out).find((section) => section.startsWith("To switch")) ?? "";
    assertEquals(
      switches(bare.out).trimEnd(),
      `To switch a store on, do all of the following
  m2m
    set ALPHASWARM_AUTH_M2M_ENABLED to true
    set ALPHASWARM_AUTH_M2M_TOKEN_URL or ALPHASWARM_AUTH_M2M_ISSUER
    supply "m2m:client" by one of these
      file  $ALPHASWARM_BOOTSTRAP_STATE_DIR/m2m-client.json: client_id,
            client_secret
      env   ALPHASWARM_AUTH_M2M_CLIENT_ID, ALPHASWARM_AUTH_M2M_CLIENT_SECRET
  sts
    set ALPHASWARM_AUTH_M2M_ENABLED to true
    set ALPHASWARM_MINIO_STS_URL
    switch m2m on, for "minio:identity"`,
    );
    Deno.writeTextFileSync(`${directory.path}/m2m-client.json`, JSON.stringify(PRINCIPAL), { mode: 0o600 });
    const partial = await runCli(["describe"], {
      env: { ...env, ALPHASWARM_MINIO_STS_URL: "http://127.0.0.1:9000", ALPHASWARM_AUTH_M2M_TOKEN_URL: "" },
    });
    assertEquals(
      switches(partial.out).trimEnd(),
      `To switch a store on, do all of the following
  m2m
    set ALPHASWARM_AUTH_M2M_ENABLED to true
    set ALPHASWARM_AUTH_M2M_TOKEN_URL or ALPHASWARM_AUTH_M2M_ISSUER
  sts
    set ALPHASWARM_AUTH_M2M_ENABLED to true
    switch m2m on, for "minio:identity"`,
    );
    assertMatch(
      partial.out.replace(/\s+/g, " "),
      / off set ALPHASWARM_AUTH_M2M_ENABLED to true and set ALPHASWARM_AUTH_M2M_TOKEN_URL or ALPHASWARM_AUTH_M2M_ISSUER /,
    );
    assertEquals([bare, partial].flatMap(({ out }) => tooWide(out)), []);
  } finally {
    directory.remove();
  }
});

Deno.test("check says what switches on a store that a missing credential could come from, and what that store needs", async () => {
  const directory = makeDirectory();
  try {
    writeChain(
      directory.path,
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
    const { code, out } = await runCli(["check", "a:token"], { cwd: directory.path });
    assertEquals(code, 1);
    assertMatch(
      out,
      /^To switch a store on, do all of the following\n {2}above\n {4}set ABOVE to true\n {4}supply "a:login"\n {2}below\n {4}set enabled to true\n {4}set URL\n {4}supply "a:client"\n\n/m,
    );
  } finally {
    directory.remove();
  }
});

Deno.test("describe shows which store serves each credential, and which store stops the walk and why", async () => {
  const directory = makeDirectory();
  try {
    Deno.writeTextFileSync(`${directory.path}/polaris-principal.json`, JSON.stringify(PRINCIPAL));
    Deno.writeTextFileSync(`${directory.path}/minio-service-account.json`, '{"access_key":"cut off"');
    Deno.writeTextFileSync(`${directory.path}/m2m-client.json`, '{"client_id":"alone"}');
    const { code, out } = await runCli(["describe"], {
      env: {
        ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path,
        ALPHASWARM_POLARIS_CLIENT_ID: "root",
        ALPHASWARM_POLARIS_CLIENT_SECRET: "s3cr3t",
        ALPHASWARM_ICEBERG_REST_SCOPE: "PRINCIPAL_ROLE:ALL",
      },
    });
    assertEquals(code, 0);
    assertMatch(out, /polaris:oauth +client_id, client_secret, +file\n/);
    assertMatch(out, /polaris:rest +credential \| token +file\n +\+ oauth2_server_uri, scope +scope from env\n/);
    assertMatch(out, /minio:static +access_key, secret_key +no store: file is invalid\n/);
    assertMatch(
      out,
      /m2m:client\n +file +incomplete: missing\s+\$ALPHASWARM_BOOTSTRAP_STATE_DIR\/m2m-client.json:\s+client_secret,\s+private_key\n/,
    );
    assertMatch(
      out,
      /minio:static\n +file +invalid:\s+\$ALPHASWARM_BOOTSTRAP_STATE_DIR\/minio-service-account.json:1:\d+\s+is not\s+valid\s+JSON:/,
    );
    assertEquals(tooWide(out), []);
  } finally {
    directory.remove();
  }
});

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
  assertMatch(out, /denied: needs --allow-env=ALPHASWARM_BOOTSTRAP_STATE_DIR/);
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
  assertStringIncludes(denied, "directory: ALPHASWARM_BOOTSTRAP_STATE_DIR (may not be read)");
  assertStringIncludes(denied, "tokenEndpoint: ALPHASWARM_AUTH_M2M_TOKEN_URL (not set)");
  const broken = `export ALPHASWARM_BOOTSTRAP_STATE_DIR="$(printf '\\377')";`;
  assertStringIncludes(
    await run(broken, ["--allow-env", "--allow-read"]),
    "directory: ALPHASWARM_BOOTSTRAP_STATE_DIR (is not text)",
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
    const expected =
      'ALPHASWARM_AUTH_M2M_TOKEN_URL or ALPHASWARM_AUTH_M2M_ISSUER is not set;? supply "m2m:client" too: ' +
      "\\$ALPHASWARM_BOOTSTRAP_STATE_DIR/m2m-client.json: client_id, client_secret in file or " +
      "ALPHASWARM_AUTH_M2M_CLIENT_ID, ALPHASWARM_AUTH_M2M_CLIENT_SECRET in env";
    for (const args of [["describe"], ["check"], ["explain", "polaris:rest"]]) {
      const { out } = await runCli(args, { env });
      assertMatch(out.replace(/\s+/g, " "), new RegExp(expected), args[0]);
      assertEquals(tooWide(out), []);
    }
    Deno.writeTextFileSync(`${directory.path}/m2m-client.json`, JSON.stringify(PRINCIPAL), { mode: 0o600 });
    const { out } = await runCli(["explain", "polaris:rest"], { env });
    assertEquals([out.replace(/\s+/g, " ").includes("M2M_ISSUER is not set"), out.includes("m2m:client")], [
      true,
      false,
    ]);
  } finally {
    directory.remove();
  }
});

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
      /denied: \$ALPHASWARM_BOOTSTRAP_STATE_DIR\/m2m-client.json needs --allow-read=\$ALPHASWARM_BOOTSTRAP_STATE_DIR/,
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
    assertMatch(out, /db:basic +user +remote, not asked: needs the network\n +otherwise env\n/);
    assertMatch(out, /db:below +user +env\n/);
    assertMatch(out, /db:stopped +user +remote, not asked: needs the network\n +otherwise strict is invalid\n/);
    assertMatch(out, /db:three +user +remote, not asked: needs the network\n +otherwise env\n/);
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
  const command = [Deno.execPath(), ...cliArgs(["describe"])].join(" ");
  const onTerminal = async (env: Record<string, string>) => {
    const { stdout } = await new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      cwd: rootUrl,
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  };
  const plain = await onTerminal({ NO_COLOR: "1" });
  assertStringIncludes(plain, "polaris:oauth");
  assertEquals(plain.includes(escape), false);
  const coloured = await onTerminal({});
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
