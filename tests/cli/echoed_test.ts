import { assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { writeChain } from "../support/programs/run_cli.ts";

const CHAIN = `defineChain({
  stores: { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
  credentials: { "db:basic": { fields: { user: required() }, from: { file: "db.json", env: { prefix: "DB_" } } } },
})`;

/** Runs a command line in this process, with this as the module of its chain, and returns its exit code and its output. */
async function runHere(
  args: readonly string[],
  module?: string,
): Promise<{ readonly code: number; readonly text: string }> {
  const directory = makeDirectory();
  try {
    const path = `${directory.path}/chain.config.ts`;
    if (module === undefined) writeChain(directory.path, CHAIN);
    else Deno.writeTextFileSync(path, module);
    const lines: string[] = [];
    const add = (line: string) => void lines.push(line);
    const config = args.some((arg) => arg.startsWith("--config")) ? [] : [`--config=${path}`];
    const code = await run({
      args: [...args, ...config],
      runtime: "deno",
      runsTypeScript: true,
      program: "",
      color: false,
      width: 80,
      stdinIsTerminal: false,
      stderrIsTerminal: false,
      print: add,
      warn: add,
      readInput: () => Promise.resolve("{}"),
      setExitCode: () => {},
    });
    return { code, text: lines.join("\n") };
  } finally {
    directory.remove();
  }
}

/** Command lines with a secret that has the form of a name. */
const PASTED: readonly (readonly [args: readonly string[], secret: string, message: RegExp])[] = [
  [["explain", "root:sekretpass"], "sekretpass", /^Cannot find a credential: the credentials are db:basic$/],
  [["check", "polaris_client:abcdefghijklmnop"], "abcdef", /^Cannot find a credential: the credentials are db:basic$/],
  [["persist", "root:sekretpass"], "sekretpass", /^Cannot find a credential: the credentials are db:basic$/],
  [["persist", "db:basic", "--store", "sekretpassword"], "sekret", /^Cannot find a store: the stores are file, env$/],
  [["sekretpassword"], "sekretpassword", /^Cannot find a command: the commands are init, describe, /],
  [["explain", "db:basic", "--sekret-password"], "sekret", /^Unknown option: the options are live, /],
  [["explain", "db:basic", "--sekret=abc"], "sekret", /^Unknown option: the options are live, /],
  [
    ["serve", "--token-env", "JBSWYDPEHPKPXP"],
    "JBSWYDPEHPKPXP",
    /^Cannot find a token in the variable that --token-env names: it is not set, or is blank$/,
  ],
  [["serve", "--token-env", "JBSWY_3DPE4HPK5PXP"], "JBSWY", /^Cannot find a token in the variable that --token-env/],
  ...[
    "https://u:sekretpass@h/x.ts",
    "https://h/x.json?key=sekretpass",
    "HTTPS://sekretpass@h/x.yaml",
    "https://h/sekretpass",
    "file://sekretpass@h/x.ts",
  ].map((url) =>
    [
      ["describe", `--config=${url}`],
      "sekretpass",
      /^Cannot load the chain: --config is a URL, expected the path of a TypeScript or JavaScript module, such as \.\/chain/,
    ] as const
  ),
  [["describe", "--config=root:sekretpass.ts"], "sekretpass", /^Cannot load the chain: the file does not exist: pass /],
  [["describe", "--config=root:sekretpass.json"], "sekretpass", /^Cannot load the chain: expected a TypeScript or /],
];

Deno.test("a secret that has the form of a name is in no message of the command line", async () => {
  for (const [args, secret, message] of PASTED) {
    const { code, text } = await runHere(args);
    assertEquals([code, text.includes(secret)], [2, false], `${args.join(" ")}: ${text}`);
    assertMatch(text, message);
  }
});

/** Command lines with a mistyped name. */
const MISTYPED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["explain", "db:basci"], /^Cannot find a credential "db:basci": did you mean "db:basic"\?/],
  [["persist", "db:basic", "--store", "fil"], /^Cannot find a store "fil": did you mean "file"\?/],
  [["chek"], /^Cannot find a command "chek": did you mean "check"\?/],
  [["explain", "db:basic", "--jsn"], /^Unknown option '--jsn': did you mean "json"\?/],
  [["serve", "--token-env", "SERVE_TOKN"], /^Cannot find a token in SERVE_TOKN: the variable is not set, or is blank$/],
  [["describe", "--config", "chain.confg.ts"], /^Cannot load chain\.confg\.ts: the file does not exist: pass the path/],
];

Deno.test("a secret that was pasted as the path of the chain is in no annotation and no summary", async () => {
  const summary = Deno.makeTempFileSync();
  const before = Deno.env.get("GITHUB_STEP_SUMMARY");
  Deno.env.set("GITHUB_STEP_SUMMARY", summary);
  try {
    const configs = [
      "https://u:sekretpass@h/x.ts",
      "https://h/x.json?key=sekretpass",
      "root:sekretpass.ts",
      "sekretpass",
    ];
    for (const config of configs) {
      const { code, text } = await runHere(["check", "--github", `--config=${config}`]);
      const shown = text + Deno.readTextFileSync(summary);
      assertEquals([code, shown.includes("sekret")], [2, false], shown);
      assertMatch(text, /^\n::error title=Credentials could not be checked::Cannot load the chain: /);
    }
  } finally {
    if (before === undefined) Deno.env.delete("GITHUB_STEP_SUMMARY");
    else Deno.env.set("GITHUB_STEP_SUMMARY", before);
    Deno.removeSync(summary);
  }
});

Deno.test("a mistyped name is in the message, so that it can be found where it was typed", async () => {
  for (const [args, message] of MISTYPED) {
    const { code, text } = await runHere(args);
    assertEquals(code, 2);
    assertMatch(text, message);
  }
});

/** Modules that throw an error which poses as one of a runtime or of this package, with a secret in it. */
const FORGED: Readonly<Record<string, string>> = {
  "a missing module": 'Object.assign(new Error(`Cannot find module "${SECRET}"`), { code: "ERR_MODULE_NOT_FOUND" })',
  "a missing package":
    'Object.assign(new Error(`Import "${SECRET}" not a`), { code: "ERR_MODULE_NOT_FOUND", stack: "" })',
  "a missing permission": 'new Error(`Requires read access to "${SECRET}"`)',
  "a chain with mistakes": 'Object.assign(new Error("x"), { name: "ChainError", message: SECRET, problems: [] })',
  "a wrong command line": 'Object.assign(new Error(SECRET), { name: "UsageError" })',
  "a text that cannot be parsed": 'Object.assign(new SyntaxError(`at file:///${SECRET}:1:2`), { stack: "" })',
  "a text that Node cannot parse": 'Object.assign(new SyntaxError("x"), { stack: `/${SECRET}:1\\n` })',
  "a text that Bun cannot parse": '{ name: "BuildMessage", position: { file: SECRET, line: 1, column: 2 } }',
  "a stack": 'Object.assign(new Error("x"), { stack: `Error\\n    at file:///${SECRET}:1:2` })',
  "a stack with a name that no path has":
    'Object.assign(new Error("x"), { stack: `Error\\n at file:///%2F${SECRET}:1:2` })',
  "a name that cannot be read": "{ get name() { throw new Error(SECRET); } }",
  "a stack that cannot be read": "{ get stack() { throw new Error(SECRET); } }",
};

Deno.test("an error that poses as one of a runtime or of this package has nothing of its text printed", async () => {
  for (const [name, thrown] of Object.entries(FORGED)) {
    const secret = "const SECRET = ['sekret', 'pass'].join('');\n";
    for (
      const [module, message] of [
        [`${secret}throw ${thrown};`, /^Cannot load .*chain\.config\.ts: it (threw an error|is not valid TypeScript)/],
        [
          `${secret}export default { get stores() { throw ${thrown}; }, credentials: {} };`,
          /^Cannot use the chain: it (threw an error|is not valid TypeScript)/,
        ],
      ] as const
    ) {
      const { code, text } = await runHere(["describe"], module);
      assertEquals([code, text.includes("sekret")], [2, false], `${name}: ${text}`);
      assertMatch(text, message, name);
      assertMatch(text, /\nIts message is not shown, since it may quote a secret: /, name);
    }
  }
});
