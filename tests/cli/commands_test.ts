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

async function withChain(test: (cwd: string) => Promise<void>, chain = CHAIN): Promise<void> {
  const directory = makeDirectory();
  try {
    writeChain(directory.path, chain);
    await test(directory.path);
  } finally {
    directory.remove();
  }
}

Deno.test("explain shows which store wins, what each store answers, and the source of each field", () =>
  withChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    Deno.writeTextFileSync(`${cwd}/state/db.json`, '{"user":"runtime","password":"not-a-secret"}');
    const env = { DB_USER: "seed", DB_PASSWORD: "not-a-secret", DB_URI: "bolt://127.0.0.1" };
    const { code, out, err } = await runCli(["explain", "db:basic"], { cwd, env });
    assertEquals([code, err], [0, ""]);
    assertMatch(out, /^db:basic: ok from file\n/);
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

Deno.test("explain of a credential that no store has shows how to supply it in each store", () =>
  withChain(async (cwd) => {
    const { code, out } = await runCli(["explain", "db:basic"], { cwd });
    assertEquals(code, 1);
    assertMatch(out, /db:basic: not available \(not_found\)/);
    assertMatch(out, /file +miss +next store +supply state\/db.json: user, password/);
    assertMatch(out, /env +miss +no store left +supply DB_USER and DB_PASSWORD/);
  }));

const CHAIN_WITH_ISSUER = `(() => {
  const issuer = defineStore({ kind: "issuer", shape: token, open: () => () => ({ values: { user: "m" } }) });
  return defineChain({
    stores: { issuer: issuer({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { issuer: true, env: { prefix: "DB_" } } } },
  });
})()`;

Deno.test("explain names no winner below a token store that it did not ask, says how to ask it, and exits with 1", () =>
  withChain(async (cwd) => {
    const env = { DB_USER: "seed" };
    const { code, out, err } = await runCli(["explain", "db:basic"], { cwd, env });
    assertEquals([code, err], [1, ""]);
    assertMatch(out, /^db:basic: unknown until issuer is asked: use --live\n/);
    assertMatch(out, / issuer +not asked +unknown +holds no token: --live asks it\n/);
    assertMatch(out, / env +hit +may win$/m);
    assertEquals([out.includes("wins"), tooWide(out)], [false, []]);
    const json = await runCli(["explain", "db:basic", "--json"], { cwd, env });
    const { source, unknown } = parse(explanationSchema, JSON.parse(json.out));
    assertEquals([json.code, source, unknown], [1, null, ["issuer"]]);
    const live = await runCli(["explain", "db:basic", "--live"], { cwd, env });
    assertEquals([live.code, live.out.split("\n")[0]], [0, "db:basic: ok from issuer"]);
  }, CHAIN_WITH_ISSUER));

Deno.test("explain shows which version of a credential a store answered with, and none of its control characters", () =>
  withChain(
    async (cwd) => {
      const { out } = await runCli(["explain", "db:basic"], { cwd });
      assertMatch(out, / vault +hit +wins +version 3\n/);
      assertMatch(out, / other +miss +- +supply b: user\n *version \ufffd\[31mtwo$/m);
    },
    `(() => {
      const own = (version, value) =>
        defineStore({ kind: "own", shape: document, local: true, open: () => () => answer(value, { version }) });
      return defineChain({
        stores: { vault: own(3, { user: "u" })({ priority: 2 }), other: own("\\x1b[31mtwo")({ priority: 1 }) },
        credentials: { "db:basic": { fields: { user: required() }, from: { vault: "a", other: "b" } } },
      });
    })()`,
  ));

Deno.test("check exits with 1 for a credential that cannot be resolved, and with 0 if only a store that is off serves it", () =>
  withChain(async (cwd) => {
    const bad = await runCli(["check"], { cwd });
    assertEquals(bad.code, 1);
    assertMatch(bad.out, /missing +db:basic +- +not in file, env/);
    assertMatch(bad.out, /off +db:later +- +\S+ is off$/m);
    assertMatch(bad.out, /env +DB_USER and DB_PASSWORD/);
    assertMatch(
      bad.out,
      /stores\.file \(missing directory\)\n +The directory \/\S+\/state\s+does not exist: a relative path/,
    );
    assertMatch(bad.out, /^2 problems$/m);
    Deno.mkdirSync(`${cwd}/state`);
    const env = { DB_USER: "reader", DB_PASSWORD: "not-a-secret" };
    const good = await runCli(["check"], { cwd, env });
    assertEquals([good.code, good.err], [0, ""]);
    assertMatch(good.out, /ok +db:basic +env/);
    assertMatch(good.out, /^No problems found$/m);
    const later = await runCli(["check", "db:basic", "--json"], { cwd, env: { ...env, LATER: "on" } });
    assertEquals(later.code, 0);
    assertEquals(parse(checkSchema, JSON.parse(later.out)).credentials, [{ key: "db:basic", ok: true, source: "env" }]);
    const all = await runCli(["check"], { cwd, env: { ...env, LATER: "on" } });
    assertEquals(all.code, 1);
    assertEquals([bad, good, all].flatMap(({ out }) => tooWide(out)), []);
  }));

Deno.test("check reports a file with a secret that other users can read", () =>
  withChain(async (cwd) => {
    Deno.mkdirSync(`${cwd}/state`);
    Deno.writeTextFileSync(`${cwd}/state/db.json`, '{"user":"runtime","password":"not-a-secret"}', { mode: 0o600 });
    Deno.chmodSync(`${cwd}/state/db.json`, 0o600);
    assertEquals((await runCli(["check"], { cwd })).code, 0);
    Deno.chmodSync(`${cwd}/state/db.json`, 0o644);
    const { code, out } = await runCli(["check"], { cwd });
    assertEquals(code, 1);
    assertMatch(
      out,
      /credentials\["db:basic"\]\.from\.file \(loose mode\)\n +Users other than the owner can access db\.json: change its mode to 600/,
    );
  }));

Deno.test("permissions prints the flags that every credential needs, and no flag that none needs", () =>
  withChain(async (cwd) => {
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
    const resolveWith = async (flags: readonly string[]) => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-lock", "--no-prompt", ...flags, program],
        cwd,
        env: { NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
    };
    assertEquals(await resolveWith(flags), "file");
    assertMatch(await resolveWith(flags.slice(0, 1)), /is denied: state\/db\.json needs --allow-read=state/);
    assertMatch(await resolveWith(["--allow-env=LATER", flags[1]!]), /needs --allow-env=STATE_DIR/);
  }));

Deno.test("permissions prints a path from a variable as that variable, and notes the stores that it leaves out", () =>
  withChain(async (cwd) => {
    const { out, err } = await runCli(["permissions"], { cwd, env: { STATE_DIR: "/some-directory" } });
    assertMatch(out, /--allow-read="\$STATE_DIR"\n/);
    assertEquals(out.includes("some-directory"), false);
    assertMatch(err, /"later" is off/);
    const { out: json } = await runCli(["permissions", "--json"], { cwd });
    assertEquals(parse(permissionsSchema, JSON.parse(json)).read, ["state"]);
  }));

Deno.test("--config loads a chain from another module, also in JavaScript", () =>
  withChain(async (cwd) => {
    writeChain(cwd, CHAIN, "other.mjs");
    Deno.removeSync(`${cwd}/chain.config.ts`);
    const { code, out } = await runCli(["describe", "--config", "other.mjs"], { cwd });
    assertEquals(code, 0);
    assertMatch(out, /db:basic/);
  }));

const MISTAKES: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /^Shows which credential is in use and where it comes from\.\n\nUsage: COMMAND/],
  [
    ["descibe"],
    /Cannot find a command "descibe": did you mean "describe"\? The commands are init, describe, explain, check, permissions/,
  ],
  [["describe", "--colour"], /^Unknown option: the options are url, [^]*describe --help/],
  [["describe", "db:basic"], /Unexpected argument/],
  [["describe", "--config"], /config/],
  [
    ["describe", "--config", "none.ts"],
    /^Cannot load none.ts: the file does not exist: pass the path of the chain's module with --config, or write one with init SERVICE$/m,
  ],
  [["describe", "--config", "empty.ts"], /Cannot find a chain in empty.ts: expected a default export$/m],
  [
    ["describe", "--config", "broken.ts"],
    /^Cannot load broken.ts: it is not valid TypeScript or JavaScript at broken.ts:1:\d+\nIts message is not shown, /,
  ],
  [["describe", "--config", "lost.ts"], /Cannot load lost.ts: Module not found .*nowhere.ts/],
  [["describe", "--config", "deep.ts"], /Cannot load deep.ts: Module not found "nowhere.ts", which it imports/],
  [["describe", "--config", "text.ts"], /Cannot use the chain:\nthe chain: Expected an object/],
  [["describe", "--config", "data.json"], /Cannot load "data.json": expected a TypeScript or JavaScript module/],
  [
    ["describe", "--config", ""],
    /Cannot load "": expected a TypeScript or JavaScript module, such as \.\/chain\.config\.ts$/m,
  ],
  [["describe", "--config", "typo.ts"], /^Cannot load typo.ts: it threw an error \(ReferenceError\) at typo.ts:2:11$/m],
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
  [["explain", "db:other"], /^Cannot find a credential: the credentials are db:basic, db:later$/m],
  [["check", "db:other"], /^Cannot find a credential: /],
  [
    ["check", "db:basci"],
    /Cannot find a credential "db:basci": did you mean "db:basic"\? The credentials are db:basic, /,
  ],
  [["list"], /^Cannot find a command: the commands are init, describe, explain, check, permissions/],
];

Deno.test("a command line or a chain that cannot be used exits with 2 and says what was expected", () =>
  withChain(async (cwd) => {
    Deno.writeTextFileSync(`${cwd}/empty.ts`, "export const chain = 1;");
    Deno.writeTextFileSync(`${cwd}/broken.ts`, "export default {");
    Deno.writeTextFileSync(`${cwd}/lost.ts`, 'import "./nowhere.ts"; export default 1;');
    Deno.writeTextFileSync(`${cwd}/deep.ts`, 'import x from "./lost.ts"; export default x;');
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
    const results = await Promise.all(MISTAKES.map(([args]) => runCli(args, { cwd })));
    for (const [at, [args, message]] of MISTAKES.entries()) {
      const { code, out, err } = results[at]!;
      assertEquals([code, out], [2, ""], args.join(" "));
      assertMatch(err, message);
      assertEquals(err.includes("/src/cli/"), false, `no stack: ${err}`);
      assertEquals(err.includes("not-a-secret"), false, err);
    }
  }));

/** A secret in the place of a name, of every kind that a command line takes. */
const PASTED = ["fake.jwt-header.AbC012345_67-89", "FAKESECRET0123456789", "root:s3cr3t"];

Deno.test("a secret that was pasted in the place of a name is in no message, and what was expected is", () =>
  withChain(async (cwd) => {
    const places: readonly (readonly [(secret: string) => readonly string[], RegExp])[] = [
      [(secret) => [secret], /^Cannot find a command: the commands are init, describe, /],
      [(secret) => ["describe", secret], /^Unexpected argument: describe takes only options\nSee describe --help\n$/],
      [(secret) => ["describe", `--${secret}`], /^Unknown option: the options are url, /],
      [(secret) => ["describe", `--json=${secret}`], /^Expected no value for --json\n/],
      [(secret) => ["describe", `--colour=${secret}`], /^Unknown option: the options are url, /],
      [
        (secret) => ["describe", "--config", secret],
        /^Cannot load the chain: expected a TypeScript or JavaScript module/,
      ],
      [(secret) => ["explain", secret], /^Cannot find a credential: the credentials are db:basic, db:later\n$/],
      [(secret) => ["check", secret], /^Cannot find a credential: the credentials are db:basic, db:later\n$/],
      [
        (secret) => ["persist", "db:basic", "--store", secret],
        /^Cannot find a store: the stores are file, env, later\n$/,
      ],
      [(secret) => ["serve", "--port", secret], /^Cannot parse --port: expected a number between 0 and 65535\n$/],
      [
        (secret) => ["serve", "--token-env", secret],
        /^Cannot find a token in the variable that --token-env names: it is not set, or is blank\n$/,
      ],
      [
        (secret) => ["describe", "--url", "https://127.0.0.1:1/", "--token-env", secret],
        /^Cannot find a token in the variable that --token-env names: it is not set, or is blank\n$/,
      ],
      [(secret) => ["describe", "--url", secret], /^--url is not (a|an https) URL\n$/],
    ];
    const cases = places.flatMap(([args, message]) =>
      PASTED.map((secret) => ({ args: args(secret), message, secret }))
    );
    for (const { args, message, secret } of cases) {
      const { code, out, err } = await runCli(args, { cwd });
      assertEquals([code, out], [2, ""], args.join(" "));
      assertMatch(err, message, args.join(" "));
      assertEquals(err.includes(secret), false, err);
    }
    const denied = await runCli(["serve", "--token-env", PASTED[0]!], { cwd, flags: ["--allow-read"] });
    assertEquals([denied.code, denied.err], [
      2,
      "Cannot read the variable that --token-env names: needs --allow-env\n",
    ]);
  }));

const THROWING: Readonly<Record<string, readonly [module: string, message: RegExp]>> = {
  "a name that is not defined": [
    "export default fake_secret;",
    /^Cannot load throwing.ts: it threw an error \(ReferenceError\) at throwing.ts:1:16\n/,
  ],
  "an error of a class of its own": [
    'throw Object.assign(new Error("fake_secret"), { name: "fake_secret" });',
    /^Cannot load throwing.ts: it threw an error at throwing.ts:1:21\n/,
  ],
  "text": ['throw "fake_secret";', /^Cannot load throwing.ts: it threw an error\n/],
  "nothing": ["throw undefined;", /^Cannot load throwing.ts: it threw an error\n/],
  "text that is not closed": [
    'export default "fake_secret',
    /^Cannot load throwing.ts: it is not valid TypeScript or JavaScript at throwing.ts:1:\d+\n/,
  ],
  "a package that is not there": [
    'import "fake-package"; "fake_secret";',
    /^Cannot load throwing.ts: Module not found "fake-package", which it imports\n$/,
  ],
  "a name that is not exported": [
    'import { fake_secret } from "./chain.config.ts"; export default fake_secret;',
    /^Cannot load throwing.ts: it is not valid TypeScript or JavaScript at throwing.ts:1:\d+\n/,
  ],
  "a getter that throws": [
    'export default { get stores() { throw new TypeError("fake_secret"); }, credentials: {} };',
    /^Cannot use the chain: it threw an error \(TypeError\) at throwing.ts:1:39\n/,
  ],
};

Deno.test("the message of what a chain's module throws is not printed, but its class and its place are", () =>
  withChain(async (cwd) => {
    for (const [name, [module, message]] of Object.entries(THROWING)) {
      Deno.writeTextFileSync(`${cwd}/throwing.ts`, module);
      const { code, out, err } = await runCli(["check", "--config", "throwing.ts"], { cwd });
      assertEquals([code, out], [2, ""], name);
      assertMatch(err, message, name);
      assertEquals(err.includes("fake_secret"), false, err);
    }
  }));

Deno.test("describe and check refuse a chain with names that it does not know, although no compiler looked at it", () =>
  withChain(async (cwd) => {
    const chain = `{
      default: "forbid",
      stores: {
        file: file({ priority: 2, directory: "state", timeut: 5 }),
        env: env({ priority: 1, enabled: "false" }),
      },
      credentials: {
        "db:basic": { fields: { user: required() }, anyof: ["user"], from: { fil: "db.json", env: { perfix: "DB_" } } },
        "db:none": { fields: { user: required() }, from: {} },
      },
    }`;
    writeChain(cwd, chain, "names.ts");
    const results = await Promise.all(
      ["describe", "check"].map((name) => runCli([name, "--config", "names.ts"], { cwd })),
    );
    for (const { code, out, err } of results) {
      assertEquals([code, out], [2, ""]);
      assertEquals(err.trimEnd().split("\n"), [
        "Cannot use the chain:",
        'default: Unknown member "default": did you mean "defaults"?',
        'stores.file.timeut: Unknown option "timeut": did you mean "timeout"?',
        "stores.env.enabled: Expected true, false or a flag, such as flag() returns",
        'credentials["db:basic"].anyof: Unknown member "anyof": did you mean "anyOf"?',
        'credentials["db:basic"].from.fil: Cannot find a store named "fil": did you mean "file"? The stores are file, env',
        'credentials["db:basic"].from.env.perfix: Unknown member "perfix": did you mean "prefix"?',
        'credentials["db:none"].from: Names no store: expected at least one of file, env',
      ]);
    }
  }));

Deno.test("every command prints its purpose and its options with --help, in 80 columns", async () => {
  const overview = await runCli(["--help"]);
  assertEquals([overview.code, overview.err], [0, ""]);
  for (const command of ["init", "describe", "explain", "check", "permissions"]) {
    assertMatch(overview.out, new RegExp(`^ +${command} `, "m"));
    const { code, out } = await runCli([command, "--help"]);
    assertEquals(code, 0);
    assertStringIncludes(out, `Usage: ${command}`);
    assertStringIncludes(out, "--config FILE");
    assertEquals(tooWide(out), []);
  }
  assertEquals(tooWide(overview.out), []);
});

Deno.test("no command prints a value, whatever the state of its credential", () =>
  withChain(async (cwd) => {
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
      const output = (await Promise.all(commands.map((command) => runCli(command, { cwd, env }))))
        .map(({ out, err }) => out + err).join("\n");
      assert(output.length > 2_000, "Expected every command to print something");
      assertEquals(secrets.filter((secret) => output.includes(secret)), []);
    }
  }));
