import { assertEquals, assertFalse } from "@std/assert";
import { inspect } from "node:util";
import {
  ChainError,
  createResolver,
  defineChain,
  fromEnv,
  type Host,
  type Programs,
  required,
  type Store,
} from "../../../mod.ts";
import {
  credentialProcess,
  exec,
  execCredential,
  type ExecCredentialOptions,
  type ExecOptions,
} from "../../../src/stores/exec/mod.ts";
import { makeDirectory } from "../../support/fixtures/directory.ts";
import { writeExecutable, writeProgram } from "../../support/fixtures/programs.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";

/** The start of every value, which no message may contain. */
const SECRET = "hunter2";

/** Creates a chain of one store, whose program gives a user, keys or a token. */
function resolverOf(store: Store<"document" | "token", never>, host: Host, document = "app") {
  const fields = store.kind === "exec" ? { user: required(), password: required() } : { token: required() };
  const token = store.kind === "credentialProcess" ? { fields: { token: "access_key" } } : true;
  const from = { op: (store.kind === "exec" ? document : token) as never };
  return createResolver(
    defineChain({ stores: { op: store }, credentials: { "app:basic": { fields, from } } }),
    { env: { PATH: "/usr/bin:/bin" }, ...host },
  );
}

async function messageOf(
  store: Store<"document" | "token", never>,
  host: Host = {},
  document?: string,
): Promise<string> {
  const error = await rejection(resolverOf(store, host, document).resolve("app:basic" as never));
  assertFalse(inspect(error, { depth: 20 }).includes(SECRET), "a value is shown");
  return error.message.replace(/^.*?"op" is /s, "");
}

type Case = readonly [message: string, script: string];

/** Starts programs in a directory that is removed at the end, and compares what is said of each. */
async function expectMessages(make: (program: string) => Store<"document" | "token", never>, cases: readonly Case[]) {
  const directory = makeDirectory();
  try {
    for (const [at, [message, script]] of cases.entries()) {
      const program = writeProgram(directory.path, `program-${at}`, script);
      assertEquals((await messageOf(make(program))).replaceAll(program, "PROGRAM"), message);
    }
  } finally {
    directory.remove();
  }
}

Deno.test("each message of exec says what is wrong with its program, and shows nothing that it printed", async () => {
  const notJson =
    "invalid: PROGRAM printed output that is not JSON: expected a JSON object, or text: true in the mapping";
  await expectMessages((program) => exec({ priority: 1, command: [program, SECRET] }), [
    ["unavailable: PROGRAM ended with the status 3: run it by hand to see why", `echo ${SECRET}; exit 3`],
    ["unavailable: PROGRAM was ended by a signal: run it by hand to see why", `echo ${SECRET}; kill -9 $$`],
    [notJson, `echo ${SECRET}`],
    [notJson, `printf '{"user":"${SECRET}","pass'`],
    ["invalid: PROGRAM printed nothing", "true"],
    ["invalid: PROGRAM printed output that is not valid UTF-8 text", `printf '{"user":"${SECRET}\\377"}'`],
    ["invalid: PROGRAM printed more than 1024 KiB", `yes ${SECRET}`],
    ["invalid: app is an array: expected a JSON object", `echo '["${SECRET}"]'`],
    ["incomplete: only part of the identity is present: supply app#password", `echo '{"user":"${SECRET}"}'`],
  ]);
});

Deno.test("each message of credentialProcess says what is wrong with its program, and shows nothing that it printed", async () => {
  await expectMessages((program) => credentialProcess({ priority: 1, command: [program] }), [
    ["invalid: PROGRAM printed output that is not a JSON object", `echo ${SECRET}`],
    ["invalid: PROGRAM printed output that is not a JSON object", `echo '"${SECRET}"'`],
    ["invalid: PROGRAM printed no credential with Version 1, the only version that exists", `echo '{"Version":"1"}'`],
    [
      "invalid: PROGRAM printed no AccessKeyId with a SecretAccessKey",
      `echo '{"Version":1,"AccessKeyId":"${SECRET}"}'`,
    ],
    [
      "invalid: PROGRAM printed an Expiration that is not a time, such as 2030-01-01T00:00:00Z",
      `echo '{"Version":1,"AccessKeyId":"${SECRET}","SecretAccessKey":"${SECRET}","Expiration":"${SECRET}"}'`,
    ],
    [
      "invalid: the expiry of the token is not a time in the future",
      `echo '{"Version":1,"AccessKeyId":"${SECRET}","SecretAccessKey":"${SECRET}","Expiration":"2020-01-01T00:00:00Z"}'`,
    ],
  ]);
});

Deno.test("each message of execCredential says what is wrong with its program, and shows nothing that it printed", async () => {
  const version = "client.authentication.k8s.io/v1";
  const printed = (status: string, apiVersion = version) =>
    `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":${status}}'`;
  const another = `invalid: PROGRAM printed no ExecCredential of ${version}: set apiVersion to its own`;
  const neither = "invalid: PROGRAM printed neither a token, nor a clientCertificateData with a clientKeyData";
  await expectMessages((program) => execCredential({ priority: 1, command: [program] }), [
    ["invalid: PROGRAM printed output that is not a JSON object", `echo ${SECRET}`],
    [another, printed("{}", `${version}beta1`)],
    [another, `echo '{"kind":"${SECRET}","apiVersion":"${version}"}'`],
    [neither, printed("null")],
    [neither, printed(`{"clientKeyData":"${SECRET}"}`)],
    [
      "invalid: PROGRAM printed an expirationTimestamp that is not a time of RFC 3339",
      printed(`{"token":"${SECRET}","expirationTimestamp":"1/2/2030"}`),
    ],
    [
      "invalid: PROGRAM printed an expirationTimestamp that is not a time of RFC 3339",
      printed(`{"token":"${SECRET}","expirationTimestamp":"2090-02-31T00:00:00Z"}`),
    ],
  ]);
});

Deno.test("a program that cannot be started is named as the chain writes it, with what to do", async () => {
  const directory = makeDirectory();
  const { path } = directory;
  try {
    Deno.writeTextFileSync(`${path}/text`, "");
    writeExecutable(`${path}/lost`, "#!/nowhere/sh\n");
    const cases: readonly (readonly [string, ExecOptions["command"]])[] = [
      ["invalid: nowhere is not in PATH: install it, or write its absolute path", ["nowhere"]],
      [`invalid: ${path}/nowhere does not exist, or names an interpreter that does not`, [`${path}/nowhere`]],
      [`invalid: ${path}/lost does not exist, or names an interpreter that does not`, [`${path}/lost`]],
      [`denied: ${path}/text cannot be run: check that it is executable`, [`${path}/text`]],
      [`denied: ${path} cannot be run: check that it is executable`, [path]],
      ["invalid: echo cannot be run with its arguments (E2BIG)", ["echo", "x".repeat(1 << 20)]],
    ];
    for (const [message, command] of cases) {
      assertEquals(await messageOf(exec({ priority: 1, command })), message);
    }
  } finally {
    directory.remove();
  }
});

Deno.test("what only a variable can get wrong is told when it is read", async () => {
  const host = { env: { PATH: "/bin", VALUE: SECRET, NUL: "\0" } };
  const value = fromEnv("VALUE") as never;
  const make = (options: object) => execCredential({ priority: 1, command: ["sh"], ...options });
  assertEquals(await messageOf(make({ apiVersion: value }), host), "invalid: apiVersion is not v1 or v1beta1");
  assertEquals(await messageOf(make({ command: value }), host), "invalid: command is not an object");
  assertEquals(await messageOf(make({ environment: value }), host), "invalid: environment is not an object");
  assertEquals(await messageOf(make({ command: ["sh", fromEnv("UNSET")] }), host), "invalid: UNSET is not set");
});

Deno.test("a document that would become an option of the program is a mistake in the chain", () => {
  const problemsOf = (command: readonly unknown[], document: string) => {
    try {
      resolverOf(exec({ priority: 1, command: command as never }), {}, document);
      return [];
    } catch (error) {
      if (error instanceof ChainError) return error.problems;
      throw error;
    }
  };
  const message = '"--help" would be an option of the program: expected a document that does not begin with -';
  const problems = [{ path: 'credentials["app:basic"].from.op', message }];
  for (const argument of ["{}", "{}/login", fromEnv("VAULT", "{}")]) {
    assertEquals(problemsOf(["echo", "read", argument], "--help"), problems);
    assertEquals(problemsOf(["echo", "read", argument], "help-"), []);
  }
  for (const argument of ["--secret={}", "read", fromEnv("VAULT")]) {
    assertEquals(problemsOf(["echo", argument], "--help"), []);
  }
  for (const command of [[], "echo", 7, null]) {
    const paths = problemsOf(command as never, "--help").map(({ path }) => path);
    assertEquals(paths, ["stores.op.command"]);
  }
});

Deno.test("a host says why it runs no program, and one without programs switches the stores off", async () => {
  const refused: Programs = { run: ({ declared }) => Promise.reject(new Error(`${SECRET} ${declared}`)) };
  const store = exec({ priority: 1, command: ["op"] });
  assertEquals(await messageOf(store, { programs: refused }), "invalid: its look-up threw: fix the store's code");
  const { message, trace } = await rejection(resolverOf(store, { programs: false }).resolve("app:basic" as never));
  assertEquals(message.split(": ").at(-1), "this runtime lacks what it needs");
  assertEquals(trace.map(({ outcome }) => outcome), ["off"]);
});

Deno.test("every mistake in the options of a program is reported with what to write", () => {
  const list = 'Expected a list of texts, the program first: ["gh", "auth", "token"]';
  const place = "Expected a program by its absolute path, or by its name in PATH";
  const names = 'Expected a list of the names of variables: ["AWS_PROFILE"]';
  const cases: readonly (readonly [string, Record<string, unknown>])[] = [
    [`command: ${list}`, { command: "gh auth token" }],
    [`command: ${list}`, { command: [] }],
    [`command: ${list}`, { command: ["gh", 1] }],
    [`command: ${list}`, { command: ["gh", "\0"] }],
    // deno-lint-ignore no-sparse-arrays
    [`command: ${list}`, { command: ["gh", , "token"] }],
    ["command: Expected a program before the arguments", { command: [" ", "gh"] }],
    ["command: Expected a program in the chain itself, and variables in its arguments alone", {
      command: [fromEnv("GH", "gh"), "auth"],
    }],
    [`command: ${place}`, { command: ["./gh"] }],
    [`command: ${place}`, { command: ["..\\gh"] }],
    ["command: Expected {} among the arguments, not in the program", { command: ["/opt/{}"] }],
    ["command: Expected a program: a batch file would read its arguments as commands", { command: ["C:\\az.CMD"] }],
    ["command: Expected a program: a batch file would read its arguments as commands", { command: ["C:\\az.bat. ."] }],
    [`environment: ${names}`, { command: ["gh"], environment: "GH_TOKEN" }],
    [`environment: ${names}`, { command: ["gh"], environment: ["GH_TOKEN=1"] }],
    // deno-lint-ignore no-sparse-arrays
    [`environment: ${names}`, { command: ["gh"], environment: ["GH_TOKEN", , "GH_HOST"] }],
    ["apiVersion: Expected v1 or v1beta1", { command: ["gh"], apiVersion: "v2" }],
  ];
  for (const [message, options] of cases) {
    const store = execCredential(
      { priority: 1, ...options } as unknown as ExecCredentialOptions & { priority: number },
    );
    assertEquals(problems(() => resolverOf(store, {})), [`stores.op.${message}`]);
  }
  for (const command of [["/opt/gh"], ["C:\\Program Files\\gh.exe"], ["\\\\server\\gh.exe"], ["gh"]]) {
    resolverOf(exec({ priority: 1, command: command as [string] }), {});
  }
});
