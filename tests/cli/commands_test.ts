import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "valibot";
import { checkSchema, explanationSchema, permissionsSchema } from "../../src/report/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runCli, tooWide, writeChain } from "../support/programs/run_cli.ts";

const CHAIN = `defineChain({
  stores: {
    file: file({ priority: 2, directory: fromEnv("STATE_DIR", "state") }),
    env: env({ priority: 1 }),
    later: env({ priority: 3, enabled: flag("LATER") }),
  },
  credentials: {
    "db:basic": {
      fields: { user: required(), password: required(), uri: destination({ from: ["env"] }) },
      from: { file: "db.json", env: { prefix: "DB_" } },
    },
    "db:later": { fields: { token: required() }, from: { later: { prefix: "LATER_" } } },
  },
})`;

async function inChain(test: (cwd: string) => Promise<void>): Promise<void> {
  const directory = makeDirectory();
  try {
    writeChain(directory.path, CHAIN);
    await test(directory.path);
  } finally {
    directory.remove();
  }
}

Deno.test("explain shows who wins, who is not reached, and where each field comes from", () =>
  inChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    Deno.writeTextFileSync(`${cwd}/state/db.json`, '{"user":"runtime","password":"not-a-secret"}');
    const env = { DB_USER: "seed", DB_PASSWORD: "not-a-secret", DB_URI: "bolt://127.0.0.1" };
    const { code, out, err } = await runCli(["explain", "db:basic"], { cwd, env });
    assertEquals([code, err], [0, ""]);
    assertMatch(out, /^db:basic: file\n/);
    assertMatch(out, / file +hit +wins\n/);
    assertMatch(out, / env +hit +gives settings\n/);
    assertMatch(out, / uri +env$/m);
    assertEquals(tooWide(out), []);
    const { out: json } = await runCli(["explain", "db:basic", "--json"], { cwd, env });
    const { source, trace } = parse(explanationSchema, JSON.parse(json));
    assertEquals([source, trace.map(({ store, role }) => `${store} ${role}`)], ["file", [
      "file winner",
      "env setting",
    ]]);
  }));

Deno.test("explain of a credential that nobody has says what each store would need", () =>
  inChain(async (cwd) => {
    const { code, out } = await runCli(["explain", "db:basic"], { cwd });
    assertEquals(code, 0);
    assertMatch(out, /db:basic: no store gives it \(not_found\)/);
    assertMatch(out, /file +miss +passed over +supply state\/db.json: user, password/);
    assertMatch(out, /env +miss +passed over +supply DB_USER, DB_PASSWORD/);
  }));

Deno.test("check ends with 1 for a credential that can't be had, and with 0 when only a store that is off serves it", () =>
  inChain(async (cwd) => {
    const bad = await runCli(["check"], { cwd });
    assertEquals(bad.code, 1);
    assertMatch(bad.out, /db:basic +not_found/);
    assertMatch(bad.out, /db:later +unused +only a store that is off/);
    assertMatch(bad.out, /env +DB_USER, DB_PASSWORD/);
    assertMatch(bad.out, /To mend: 1/);
    const env = { DB_USER: "reader", DB_PASSWORD: "not-a-secret" };
    const good = await runCli(["check"], { cwd, env });
    assertEquals([good.code, good.err], [0, ""]);
    assertMatch(good.out, /db:basic +ok +env/);
    assertMatch(good.out, /Nothing to mend/);
    const later = await runCli(["check", "db:basic", "--json"], { cwd, env: { ...env, LATER: "on" } });
    assertEquals(later.code, 0);
    assertEquals(parse(checkSchema, JSON.parse(later.out)).credentials, [{ key: "db:basic", ok: true, source: "env" }]);
    const all = await runCli(["check"], { cwd, env: { ...env, LATER: "on" } });
    assertEquals(all.code, 1);
    assertEquals([bad, good, all].flatMap(({ out }) => tooWide(out)), []);
  }));

Deno.test("check finds a file with a secret that others may read", () =>
  inChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    Deno.writeTextFileSync(`${cwd}/state/db.json`, '{"user":"runtime","password":"not-a-secret"}', { mode: 0o600 });
    Deno.chmodSync(`${cwd}/state/db.json`, 0o600);
    assertEquals((await runCli(["check"], { cwd })).code, 0);
    Deno.chmodSync(`${cwd}/state/db.json`, 0o644);
    const { code, out } = await runCli(["check"], { cwd });
    assertEquals(code, 1);
    assertMatch(out, /credentials\["db:basic"\]\.from\.file \(loose mode\)\n +Others .* db\.json: make its mode 600/);
  }));

Deno.test("permissions prints flags with which every credential can be had, and nothing that can be spared", () =>
  inChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    Deno.writeTextFileSync(`${cwd}/state/real.json`, '{"user":"runtime","password":"not-a-secret"}');
    Deno.symlinkSync("real.json", `${cwd}/state/db.json`);
    const { code, out } = await runCli(["permissions"], { cwd });
    assertEquals(code, 0);
    const flags = out.trim().split(" ");
    assertEquals(flags, ["--allow-env=STATE_DIR,LATER,DB_USER,DB_PASSWORD,DB_URI", "--allow-read=state"]);
    const program = `${cwd}/program.ts`;
    Deno.writeTextFileSync(
      program,
      `import { createResolver } from "${new URL("mod.ts", rootUrl).href}";
       import chain from "./chain.config.ts";
       const credential = await createResolver(chain as never).resolve("db:basic" as never) as { source: string };
       console.log(credential.source);`,
    );
    const outcome = async (flags: readonly string[]) => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-lock", "--no-prompt", ...flags, program],
        cwd,
        env: { NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
    };
    assertEquals(await outcome(flags), "file");
    assertMatch(await outcome(flags.slice(0, 1)), /is denied: db\.json needs --allow-read=state/);
    assertMatch(await outcome(["--allow-env=LATER", flags[1]!]), /needs --allow-env=STATE_DIR/);
  }));

Deno.test("permissions writes a path that a variable gives as the variable, and says what it leaves out", () =>
  inChain(async (cwd) => {
    const { out, err } = await runCli(["permissions"], { cwd, env: { STATE_DIR: "/a-place-of-mine" } });
    assertMatch(out, /--allow-read="\$STATE_DIR"\n/);
    assertEquals(out.includes("a-place-of-mine"), false);
    assertMatch(err, /"later" is off/);
    const { out: json } = await runCli(["permissions", "--json"], { cwd });
    assertEquals(parse(permissionsSchema, JSON.parse(json)).read, ["state"]);
  }));

Deno.test("a chain in JavaScript loads too, by the name that --config gives", () =>
  inChain(async (cwd) => {
    writeChain(cwd, CHAIN, "other.mjs");
    Deno.removeSync(`${cwd}/chain.config.ts`);
    const { code, out } = await runCli(["describe", "--config", "other.mjs"], { cwd });
    assertEquals(code, 0);
    assertMatch(out, /db:basic/);
  }));

const MISUSES: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /^Which credential is used now[^]*Usage: COMMAND/],
  [["descibe"], /Cannot find a command "descibe": the commands are describe, explain, check, permissions/],
  [["describe", "--colour"], /Unknown option '--colour'[^]*describe --help/],
  [["describe", "db:basic"], /Unexpected argument/],
  [["describe", "--config"], /config/],
  [["describe", "--config", "none.ts"], /Cannot load none.ts: there is no such file: name .* with --config/],
  [["describe", "--config", "empty.ts"], /Cannot find a chain in empty.ts: expected it as the default export/],
  [["describe", "--config", "broken.ts"], /Cannot load broken.ts: [^]*line|Cannot load broken.ts: [^]*Expected/],
  [["describe", "--config", "lost.ts"], /Cannot load lost.ts: Module not found .*nowhere.ts/],
  [["describe", "--config", "text.ts"], /Cannot use the chain:\nthe chain: Expected an object/],
  [["describe", "--config", "data.json"], /Cannot load "data.json": expected a module of TypeScript or JavaScript/],
  [["describe", "--config", ""], /Cannot load "": expected a module .*, such as \.\/chain\.config\.ts/],
  [["describe", "--config", "typo.ts"], /^Cannot load typo.ts: requird is not defined, at typo.ts:2:11$/m],
  [
    ["describe", "--config", "reading.ts"],
    /^Cannot load reading.ts: it threw an error \(SyntaxError\) at reading.ts:1:6$/m,
  ],
  [
    ["describe", "--config", "wrong.ts"],
    /stores\.b\.priority: [^]*credentials\["db:basic"\]\.from\.vault: Cannot find/,
  ],
  [["explain"], /Expected one KEY, for example: explain polaris:oauth/],
  [["explain", "db:basic", "db:later"], /Expected one KEY/],
  [["explain", "db:other"], /Cannot find a credential "db:other": the credentials are db:basic, db:later/],
  [["check", "db:other"], /Cannot find a credential "db:other"/],
];

Deno.test("a command line or a chain that can't be used ends with 2, and says what would be right", () =>
  inChain(async (cwd) => {
    Deno.writeTextFileSync(`${cwd}/empty.ts`, "export const chain = 1;");
    Deno.writeTextFileSync(`${cwd}/broken.ts`, "export default {");
    Deno.writeTextFileSync(`${cwd}/lost.ts`, 'import "./nowhere.ts"; export default 1;');
    Deno.writeTextFileSync(`${cwd}/data.json`, "{}");
    Deno.writeTextFileSync(`${cwd}/typo.ts`, "const a = 1;\nconst b = requird(a);\nexport default b;");
    Deno.writeTextFileSync(`${cwd}/reading.ts`, 'JSON.parse("not-a-secret"); export default 1;');
    Deno.writeTextFileSync(`${cwd}/text.ts`, 'export default "a chain";');
    writeChain(
      cwd,
      `{ stores: { a: env({ priority: 1 }), b: env({ priority: 1 }) },
         credentials: { "db:basic": { fields: { a: required() }, from: { vault: {} } } } }`,
      "wrong.ts",
    );
    const results = await Promise.all(MISUSES.map(([args]) => runCli(args, { cwd })));
    for (const [at, [args, says]] of MISUSES.entries()) {
      const { code, out, err } = results[at]!;
      assertEquals([code, out], [2, ""], args.join(" "));
      assertMatch(err, says);
      assertEquals(err.includes("/src/cli/"), false, `no stack: ${err}`);
      assertEquals(err.includes("not-a-secret"), false, err);
    }
  }));

Deno.test("every command says with --help what it does and which options it takes, in 80 columns", async () => {
  const overview = await runCli(["--help"]);
  assertEquals([overview.code, overview.err], [0, ""]);
  for (const command of ["describe", "explain", "check", "permissions"]) {
    assertMatch(overview.out, new RegExp(`^ +${command} `, "m"));
    const { code, out } = await runCli([command, "--help"]);
    assertEquals(code, 0);
    assertStringIncludes(out, `Usage: ${command}`);
    assertStringIncludes(out, "--config FILE");
    assertEquals(tooWide(out), []);
  }
  assertEquals(tooWide(overview.out), []);
});

Deno.test("no command prints a value, whatever state its credential is in", () =>
  inChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    const secrets = Array.from({ length: 5 }, () => crypto.randomUUID());
    const [user, password, token, odd, address] = secrets as [string, string, string, string, string];
    const files = [
      { user, password },
      { user },
      { user: { [odd]: password }, password: [token] },
      `{"user":"${user}","password":${password}`,
    ];
    const env = {
      DB_USER: user,
      DB_PASSWORD: password,
      DB_URI: `${address}://${token}:x@y`,
      LATER: "on",
      LATER_TOKEN: token,
    };
    for (const file of files) {
      Deno.writeTextFileSync(`${cwd}/state/db.json`, typeof file === "string" ? file : JSON.stringify(file));
      const commands = [["describe"], ["explain", "db:basic"], ["check"], ["permissions"]]
        .flatMap((command) => [command, [...command, "--json"]]);
      const said = (await Promise.all(commands.map((command) => runCli(command, { cwd, env }))))
        .map(({ out, err }) => out + err).join("\n");
      assert(said.length > 2_000, "Expected every command to say something");
      assertEquals(secrets.filter((secret) => said.includes(secret)), []);
    }
  }));
