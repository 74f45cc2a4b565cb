import { assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import {
  ChainError,
  createResolver,
  defineChain,
  fromEnv,
  memory,
  optional,
  type Programs,
  required,
} from "../../../mod.ts";
import { credentialProcess, exec, execCredential } from "../../../src/stores/exec/mod.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { execResolver } from "../../support/fixtures/exec_chain.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { runsIn, writeProgram } from "../../support/fixtures/programs.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { until } from "../../support/fixtures/until.ts";

const PATH = "/usr/bin:/bin";
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

const keyFields = { access_key: required(), secret_key: required(), session_token: optional() };

testInDirectory("the document takes the place of {} in every argument, and no shell reads it", async (directory) => {
  const program = writeProgram(directory, "prints", `printf '{"user":"%s","password":"%s"}' "$1" "$#$2"`);
  for (const document of ["app", "op://dev/git hub/token", "$HOME", "$(touch x)", "a;b", "'", "*", "$&"]) {
    const resolver = execResolver([program, "--vault={}/{}", "{}"], {}, {}, document);
    const credential = await resolver.resolve("db:basic");
    assertEquals(credential.get("user"), `--vault=${document}/${document}`);
    assertEquals(credential.get("password"), `2${document}`);
  }
});

Deno.test("an argument may come from a variable, and is never left out: the next one would take its place", async () => {
  const run = (env: Record<string, string>, fallback?: string) => {
    const command = ["printf", '{"user":"%s","password":"%s"}', fromEnv("VAULT", fallback), "{}"] as const;
    return execResolver(command as never, {}, { env: { PATH, ...env } }).resolve("db:basic");
  };
  assertEquals((await run({ VAULT: "dev" })).get("user"), "dev");
  assertEquals((await run({ VAULT: " " }, "main")).get("user"), "main");
  assertEquals((await rejection(run({ VAULT: " " }))).message.split(": ").at(-1), "VAULT is not set");
  const { message } = assertThrows(() => run({ VAULT: "dev" }, ""), ChainError);
  const why = "Expected no blank fallback: the next argument would take its place";
  assertEquals(message, `stores.op.command: ${why}`);
});

Deno.test("a document takes no place in what a variable gives, but in the chain's own fallback", async () => {
  const command = [
    "printf",
    '{"user":"%s","password":"%s"}',
    "{}",
    fromEnv("VAULT", "a{}b"),
  ] as const;
  const passwordWith = async (env: Record<string, string>) =>
    (await execResolver(command as never, {}, { env: { PATH, ...env } }).resolve("db:basic")).get("password");
  assertEquals(await passwordWith({}), "aappb");
  assertEquals(await passwordWith({ VAULT: "{" }), "{");
  const { message } = await rejection(passwordWith({ VAULT: "hunter2{}" }));
  assertEquals(
    message,
    'Cannot resolve "db:basic": "op" is invalid: $VAULT holds {}, which stands for the document only in the chain itself',
  );
});

Deno.test("a program is found by its name in the absolute entries of PATH", async () => {
  const env = { PATH: `:relative:/nowhere:/usr/bin:/bin` };
  const resolver = execResolver(["printf", '{"user":"reader","password":"%s"}', "{}"], {}, { env });
  assertEquals((await resolver.resolve("db:basic")).get("password"), "app");
});

testInDirectory(
  "a program that fails leaves a lower store's credential degraded, or stops the walk where the chain says so",
  async (directory) => {
    const program = writeProgram(directory, "fails", "exit 3");
    const resolverOf = (onUnavailable?: "stop") =>
      createResolver(
        defineChain({
          stores: {
            op: exec({ priority: 200, command: [program], ...(onUnavailable && { onUnavailable }) }),
            memory: memory({ priority: 100, values: { user: "seed", password: "seed" } }),
          },
          credentials: {
            "db:basic": {
              fields: { user: required(), password: required() },
              from: { op: "app", memory: { prefix: "" } },
            },
          },
        }),
        { env: { PATH } },
      );
    const credential = await resolverOf().resolve("db:basic");
    assertEquals([credential.get("user"), credential.degraded], ["seed", true]);
    assertEquals((await rejection(resolverOf("stop").resolve("db:basic"))).code, "unavailable");
  },
);

testInDirectory("what a program printed is used while it fails later", async (directory) => {
  const program = writeProgram(
    directory,
    "once",
    `[ -e ${directory}/ran ] && exit 1\ntouch ${directory}/ran\necho '{"user":"reader","password":"one"}'`,
  );
  const resolver = execResolver([program], { recheck: 0 });
  assertEquals((await resolver.resolve("db:basic")).degraded, false);
  const later = await resolver.resolve("db:basic");
  assertEquals([later.get("user"), later.degraded], ["reader", true]);
});

testInDirectory("a text is taken as it is, but for one line break at its end, and never parsed", async (directory) => {
  for (
    const [printed, expected] of [
      ['{"a":1}\\n', '{"a":1}'],
      ["not-a-token", "not-a-token"],
      ["two\\n\\n", "two\n"],
      ["win\\r\\n", "win"],
      [" padded ", " padded "],
    ] as const
  ) {
    const program = writeProgram(directory, "prints", `printf '${printed}'`);
    const chain = defineChain({
      stores: { op: exec({ priority: 100, command: [program] }) },
      credentials: {
        "github:api": {
          fields: { token: required() },
          from: { op: { document: "token", text: true, fields: { token: "" } } },
        },
      },
    });
    assertEquals((await createResolver(chain, { env: { PATH } }).resolve("github:api")).get("token"), expected);
  }
});

testInDirectory("an empty object or null is a miss, so that a lower store is asked", async (directory) => {
  for (const printed of ["{}", "null"]) {
    const program = writeProgram(directory, "nothing", `echo '${printed}'`);
    assertEquals(await execResolver([program]).find("db:basic"), undefined);
  }
});

Deno.test("describe runs no program, and says that nothing is known before one was", () => {
  const programs: Programs = { run: () => Promise.reject(new Error("describe ran a program")) };
  const resolver = execResolver(["op", "read", "{}"], {}, { ...testHost({ env: { PATH } }), programs });
  const [store] = resolver.describe().stores;
  assertEquals(store?.kind, "exec");
});

testInDirectory(
  "keys with an Expiration are renewed before it, and serve until it while the program fails",
  async (directory) => {
    const program = writeProgram(
      directory,
      "keys",
      `echo run >> ${directory}/runs\n[ -e ${directory}/fail ] && exit 1\nn=$(wc -l < ${directory}/runs)\n` +
        `echo '{"Version":1,"AccessKeyId":"AKIA'$n'","SecretAccessKey":"not-a-secret","SessionToken":"t","Expiration":"2026-01-01T0'$n':00:00Z"}'`,
    );
    const clock = testClock(START);
    const resolver = createResolver(
      defineChain({
        stores: { sso: credentialProcess({ priority: 200, command: [program] }) },
        credentials: { "aws:keys": { fields: keyFields, from: { sso: true } } },
      }),
      { env: { PATH }, clock, random: () => 0 },
    );
    const first = await resolver.resolve("aws:keys");
    assertEquals([first.get("access_key"), first.get("session_token")], ["AKIA1", "t"]);
    assertEquals(first.expiresAt, START + 60 * MINUTE);
    await clock.advance(40 * MINUTE);
    assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "AKIA1");
    assertEquals(runsIn(`${directory}/runs`), 1);
    await clock.advance(10 * MINUTE);
    assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "AKIA2");
    Deno.writeTextFileSync(`${directory}/fail`, "");
    clock.jump(START + 110 * MINUTE);
    assertEquals((await resolver.resolve("aws:keys")).get("access_key"), "AKIA2");
    assertEquals(runsIn(`${directory}/runs`), 3);
  },
);

testInDirectory("keys without an Expiration are static: they are used until they are refused", async (directory) => {
  const program = writeProgram(
    directory,
    "keys",
    `echo run >> ${directory}/runs\necho '{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"not-a-secret"}'`,
  );
  const clock = testClock(START);
  const resolver = createResolver(
    defineChain({
      stores: { sso: credentialProcess({ priority: 200, command: [program] }) },
      credentials: { "aws:keys": { fields: keyFields, from: { sso: true } } },
    }),
    { env: { PATH }, clock },
  );
  const credential = await resolver.resolve("aws:keys");
  assertEquals([credential.expiresAt, credential.get("session_token")], [undefined, undefined]);
  clock.jump(START + 365 * 24 * 60 * MINUTE);
  await resolver.resolve("aws:keys");
  assertEquals(runsIn(`${directory}/runs`), 1);
  resolver.invalidate("aws:keys");
  await resolver.resolve("aws:keys");
  assertEquals(runsIn(`${directory}/runs`), 2);
});

testInDirectory(
  "a plugin of kubectl is told its version and that it cannot ask, and gives a token or a certificate",
  async (directory) => {
    const plugin = writeProgram(
      directory,
      "plugin",
      `echo "$KUBERNETES_EXEC_INFO" >> ${directory}/info\nversion=$1\nshift\n` +
        `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/'$version'","status":'"$1"'}'`,
    );
    const expirationTimestamp = "2026-01-01T01:00:00Z";
    const resolve = (apiVersion: "v1" | "v1beta1", status: object) =>
      createResolver(
        defineChain({
          stores: {
            plugin: execCredential({ priority: 1, command: [plugin, apiVersion, JSON.stringify(status)], apiVersion }),
          },
          credentials: {
            "kubernetes:api": {
              fields: { token: optional(), clientCertificateData: optional(), clientKeyData: optional() },
              anyOf: ["token", "clientCertificateData"],
              from: { plugin: true },
            },
          },
        }),
        { env: { PATH }, clock: testClock(START) },
      ).resolve("kubernetes:api");
    const byToken = await resolve("v1", { token: "not-a-token", expirationTimestamp });
    assertEquals([byToken.get("token"), byToken.expiresAt], ["not-a-token", START + 60 * MINUTE]);
    const byCertificate = await resolve("v1beta1", { clientCertificateData: "CERT", clientKeyData: "KEY" });
    assertEquals(byCertificate.get("clientCertificateData"), "CERT");
    assertEquals(byCertificate.expiresAt, undefined);
    const told = Deno.readTextFileSync(`${directory}/info`).trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      told,
      ["v1", "v1beta1"].map((version) => ({
        apiVersion: `client.authentication.k8s.io/${version}`,
        kind: "ExecCredential",
        spec: { interactive: false },
      })),
    );
  },
);

testInDirectory(
  "a slow program has 30 s unless the chain says otherwise, which its callers wait, and not a moment longer",
  async (directory) => {
    const program = writeProgram(directory, "slow", `echo $$ > ${directory}/ids\nsleep 60`);
    const clock = testClock(START);
    const resolver = execResolver([program], {}, { env: { PATH }, clock });
    const error = rejection(resolver.resolve("db:basic"));
    await until("the program to run", () => Promise.resolve(runsIn(`${directory}/ids`) || undefined));
    await clock.advance(29_999);
    let isOver = false;
    error.then(() => isOver = true);
    await clock.advance(0);
    assertFalse(isOver);
    await clock.advance(1);
    assertStringIncludes((await error).message, "no answer within its timeout of 30000 ms");
  },
);

testInDirectory("a variable that a program is given must be readable", async (directory) => {
  const program = writeProgram(directory, "never", `touch ${directory}/ran`);
  const env = { PATH, BROKEN: 1 };
  const { message } = await rejection(
    execResolver([program], { environment: ["BROKEN"] }, { env }).resolve("db:basic"),
  );
  assertStringIncludes(message, "BROKEN is not text");
  assertEquals(runsIn(`${directory}/ran`), 0);
});
