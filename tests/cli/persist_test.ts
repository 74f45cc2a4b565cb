import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { rootUrl } from "../support/closed_network/root.ts";
import { testInDirectory } from "../support/fixtures/directory.ts";
import { bareEnvironment, cliArgs, type CliResult, runCli, runOnTerminal } from "../support/programs/run_cli.ts";

const PRINCIPAL = { client_id: "alphaswarm_runtime", client_secret: "not-a-secret" };
const PERSIST = ["--allow-env", "--allow-read", "--allow-write"];
const NOT_AN_OBJECT = "Cannot read standard input: expected a JSON object of the credential's fields";

/** Runs `persist` on the shipped chain, with this on standard input and a directory for the state. */
async function persist(
  directory: string,
  input: string | Uint8Array<ArrayBuffer>,
  ...args: string[]
): Promise<CliResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(["persist", ...args], PERSIST),
    env: { ...bareEnvironment(), ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
    clearEnv: true,
    cwd: fileURLToPath(rootUrl),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

testInDirectory(
  "persist writes the credential on standard input, and explain finds it afterwards",
  async (directory) => {
    const { code, out, err } = await persist(directory, JSON.stringify(PRINCIPAL), "polaris:oauth");
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, "polaris:oauth: written to file");
    assertEquals(out.includes("not-a-secret"), false);
    assertEquals(JSON.parse(Deno.readTextFileSync(`${directory}/polaris-principal.json`)), PRINCIPAL);
    const explained = await runCli(["explain", "polaris:oauth", "--json"], {
      env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
    });
    assertEquals(JSON.parse(explained.out).source, "file");
  },
);

testInDirectory("what mc and Polaris print can be piped into persist as it is", async (directory) => {
  const mc = '{"status":"success","accessKey":"runtime","secretKey":"not-a-secret","accountStatus":"enabled",' +
    '"expiration":"1970-01-01T00:00:00Z"}\n';
  const minio = await persist(directory, mc, "minio:static");
  assertEquals([minio.code, minio.err, minio.out.includes("not-a-secret")], [0, "", false]);
  assertStringIncludes(minio.out.replaceAll(/\s+/g, " "), "minio-service-account.json: accessKey, secretKey");
  assertEquals(JSON.parse(Deno.readTextFileSync(`${directory}/minio-service-account.json`)), {
    accessKey: "runtime",
    secretKey: "not-a-secret",
  });
  const polaris = { principal: { name: "p", properties: {} }, credentials: { clientId: "i", clientSecret: "s" } };
  for (const key of ["polaris:oauth", "polaris:rest", "iceberg:rest"]) {
    const { code, err } = await persist(directory, JSON.stringify(polaris, null, 2), key);
    assertEquals([code, err], [0, ""]);
  }
  const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory };
  for (const key of ["minio:static", "polaris:oauth", "polaris:rest", "iceberg:rest"]) {
    assertEquals(JSON.parse((await runCli(["explain", key, "--json"], { env })).out).source, "file");
  }
});

testInDirectory("persist exits with 1 for an error that mc prints, and says what it takes", async (directory) => {
  const failure = '{"status":"error","error":{"message":"not-a-secret","cause":{"message":"not-a-secret"}}}\n';
  const { code, out, err } = await persist(directory, failure, "minio:static");
  assertEquals([code, out, err.includes("not-a-secret")], [1, "", false]);
  const text = err.replaceAll(/\s+/g, " ");
  assertStringIncludes(text, "the fields are access_key, secret_key, endpoint_url and region");
  assertStringIncludes(text, '"file" reads accessKey and secretKey of minio-service-account.json');
  assertEquals([...Deno.readDirSync(directory)], []);
});

testInDirectory("persist takes one JSON object, and says so where a program printed several", async (directory) => {
  const line = '{"status":"success","accessKey":"a","secretKey":"not-a-secret"}';
  const pretty = JSON.stringify(JSON.parse(line), null, 1);
  for (const input of [`${line}\n${line}\n`, `${line}\r\n${line}`, `${pretty}\n${pretty}\n`]) {
    const { code, err } = await persist(directory, input, "minio:static");
    assertEquals([code, err.trim()], [2, "Cannot read standard input: expected one JSON object, found 2"]);
  }
  const { code } = await persist(directory, `${pretty}\n`, "minio:static", "--store", "file");
  assertEquals(code, 0);
});

testInDirectory("persist --json prints where the credential was written", async (directory) => {
  const { out } = await persist(directory, JSON.stringify(PRINCIPAL), "polaris:oauth", "--json", "--store", "file");
  assertEquals(JSON.parse(out), {
    version: 1,
    key: "polaris:oauth",
    store: "file",
    names: ["polaris-principal.json#client_id", "polaris-principal.json#client_secret"],
  });
});

testInDirectory("persist exits with 1 for an incomplete credential, and writes nothing", async (directory) => {
  const { code, out, err } = await persist(directory, '{"client_id": "not-a-secret"}', "polaris:oauth");
  assertEquals([code, out], [1, ""]);
  assertMatch(err, /^Cannot persist "polaris:oauth": only part of the identity is present/);
  assertEquals(err.includes("not-a-secret"), false);
  assertEquals([...Deno.readDirSync(directory)], []);
});

testInDirectory(
  "persist exits with 2 for a wrong command line or input, and does not quote its input",
  async (directory) => {
    const mistakes: [string, string[], string][] = [
      ["{}", [], "Expected one KEY"],
      ["{}", ["polaris:oauth", "not-a-secret"], "Expected one KEY"],
      ["{}", ["polaris:nothing"], "Cannot find a credential: the credentials are polaris:"],
      ["not-a-secret", ["polaris:oauth"], NOT_AN_OBJECT],
      ['["not-a-secret"]', ["polaris:oauth"], NOT_AN_OBJECT],
    ];
    for (const [input, args, message] of mistakes) {
      const { code, err } = await persist(directory, input, ...args);
      assertEquals(code, 2);
      assertStringIncludes(err, message);
      assertEquals(err.includes("not-a-secret"), false);
    }
  },
);

testInDirectory(
  "persist refuses input that is not valid UTF-8, of which it would write another secret",
  async (directory) => {
    const text = JSON.stringify({ client_id: "alphaswarm_runtime", client_secret: "not-a-secret\u00ff" });
    const latin1 = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const utf16 = new Uint8Array(Uint16Array.from(`\uFEFF${text}`, (char) => char.charCodeAt(0)).buffer);
    for (const input of [latin1, utf16]) {
      const { code, out, err } = await persist(directory, input, "polaris:oauth");
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, "Cannot read standard input: it is not valid UTF-8 text");
      assertEquals([...Deno.readDirSync(directory)], []);
    }
  },
);

testInDirectory(
  "persist says on a terminal that it reads from it, instead of waiting without a word",
  async (directory) => {
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory };
    const shown = await runOnTerminal(["persist", "polaris:oauth"], { env, flags: PERSIST, columns: 100 });
    assertMatch(shown, /Reading a JSON object from standard input until Ctrl-D; what you type is visible\n/);
    const piped = await persist(directory, "{}", "polaris:oauth");
    assertEquals(piped.err.includes("Reading"), false);
  },
);
