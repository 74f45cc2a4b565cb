import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { bareEnvironment, cliArgs, runCli, tooWide, writeChain } from "../support/programs/run_cli.ts";
import { textOf } from "../support/route/page_text.ts";

const TOKEN = "obviously-fake.token";
const FLAGS = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1,localhost"];
const CHAIN = `defineChain({
  stores: { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
  credentials: {
    "db:basic": {
      fields: { user: required(), password: required() },
      from: { file: "db.json", env: { prefix: "DB_" } },
    },
  },
})`;
const SEED = { DB_USER: "not-a-secret-user", DB_PASSWORD: "not-a-secret-word" };

interface ServedChain {
  readonly url: string;
  readonly directory: string;
  get(init?: RequestInit): Promise<Response>;
}

/** Runs a test against `serve`, which takes its token from an environment variable. */
async function withServer(test: (served: ServedChain) => Promise<void>): Promise<void> {
  const directory = makeDirectory();
  writeChain(directory.path, CHAIN);
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(["serve", "--port", "0", "--token-env", "SERVE_TOKEN"], FLAGS),
    env: { ...bareEnvironment(), ...SEED, SERVE_TOKEN: TOKEN },
    clearEnv: true,
    cwd: directory.path,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  try {
    const url = await firstUrl(child.stdout);
    const get = (init?: RequestInit) => fetch(url, { headers: { Authorization: `Bearer ${TOKEN}` }, ...init });
    await test({ url, directory: directory.path, get });
  } finally {
    child.kill("SIGTERM");
    await child.status;
    directory.remove();
    assertEquals(await errors, "");
  }
}

async function firstUrl(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    const url = /http:\/\/\S+\n/.exec(text)?.[0];
    if (url) {
      await reader.cancel();
      return url.trim();
    }
  }
  throw new Error(`The server ended: ${text}`);
}

/** Sends a request with a given Host header, which fetch does not allow. */
async function withHost(url: string, host: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("serve shows the chain on loopback to requests with the token only", () =>
  withServer(async ({ url, get }) => {
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const described = await (await get()).json();
    assertEquals(described.credentials[0].held.source, "env");
    const stranger = await get({ headers: {} });
    assertEquals(stranger.status, 401);
    await stranger.body?.cancel();
    const page = await (await get({ headers: { Accept: "text/html", Authorization: `Basic ${btoa(`me:${TOKEN}`)}` } }))
      .text();
    assertStringIncludes(textOf(page), "file does not have it");
    for (const value of Object.values(SEED)) assert(!page.includes(value));
  }));

Deno.test("serve answers 421 to a Host header that is not its own, as in DNS rebinding", () =>
  withServer(async ({ url }) => {
    const { port } = new URL(url);
    for (const host of [`evil.example:${port}`, "evil.example", "127.0.0.1", `127.0.0.1:1`, `127.0.0.2:${port}`, ""]) {
      const answer = await withHost(url, host);
      assertMatch(answer, /^HTTP\/1\.1 4(21|00) /, host);
      assert(!answer.includes("db:basic"), host);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      assertMatch(await withHost(url, host), /^HTTP\/1\.1 200 /);
    }
  }));

Deno.test("serve asks the local stores again periodically, so that an open page shows what was written or removed", () =>
  withServer(async ({ directory, get }) => {
    Deno.mkdirSync(`${directory}/state`);
    Deno.writeTextFileSync(`${directory}/state/db.json`, '{"user":"runtime","password":"not-a-secret"}');
    const source = async () => (await (await get()).json()).credentials[0].held.source;
    const becomes = async (name: string) => {
      for (let poll = 0; poll < 100 && await source() !== name; poll++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assertEquals(await source(), name);
    };
    await becomes("file");
    Deno.removeSync(`${directory}/state/db.json`);
    await becomes("env");
  }));

Deno.test("describe --url prints the same for a remote chain as describe does for a local one", () =>
  withServer(async ({ url, directory }) => {
    const options = { cwd: directory, env: { ...SEED, SERVE_TOKEN: TOKEN } };
    const local = await runCli(["describe"], options);
    const args = ["describe", "--url", url, "--token-env", "SERVE_TOKEN"];
    const remote = await runCli(args, { ...options, flags: FLAGS });
    // A description has no paths, so that of the directory is known to its own process only.
    assertEquals(remote, { ...local, out: local.out.replace(/(file +2) +state\n/, "$1\n") });
    assertStringIncludes(remote.out, "db:basic");
    const [one, other] = [
      JSON.parse((await runCli([...args, "--json"], { ...options, flags: FLAGS })).out),
      JSON.parse((await runCli(["describe", "--json"], options)).out),
    ];
    assertEquals(one.stores, other.stores);
    assertEquals(one.credentials[0].held.fields, other.credentials[0].held.fields);
  }));

Deno.test("describe --url says why it cannot read a route, and how to fix it", () =>
  withServer(async ({ url, directory }) => {
    const describe = async (at: string, more: string[] = [], flags = FLAGS, env = {}) => {
      const { code, out, err } = await runCli(["describe", "--url", at, ...more], { cwd: directory, flags, env });
      assertEquals([code, out], [2, ""], at);
      assertEquals(tooWide(err.replaceAll(/http\S+/g, "")), []);
      return err;
    };
    const unauthorized = "the server answered HTTP 401: pass --token-env NAME";
    assertEquals(await describe(url), `Cannot read ${url}: ${unauthorized}\n`);
    assertEquals(
      await describe(url, ["--token-env", "NOT_SET"]),
      "Cannot find a token in NOT_SET: the variable is not set, or is blank\n",
    );
    assertStringIncludes(
      await describe(`${url}nothing`, ["--token-env", "T"], FLAGS, { T: TOKEN }),
      "the server answered HTTP 404",
    );
    assertStringIncludes(
      await describe(`${url}live`, ["--token-env", "T"], FLAGS, { T: TOKEN }),
      "the answer is not that of a describe route of this version",
    );
    assertStringIncludes(await describe(url, [], ["--allow-env", "--allow-read"]), "needs --allow-net=127.0.0.1:");
    assertStringIncludes(await describe("http://127.0.0.1:1/"), "no connection to the server");
    assertStringIncludes(await describe("http://example.com/"), "plain http");
    const named = await describe("http://me:not-a-secret@127.0.0.1/");
    assertStringIncludes(named, "user info");
    assert(!named.includes("not-a-secret"));
    assertStringIncludes(await describe("nonsense"), "--url is not a URL");
  }));

Deno.test("describe --url prints no control character that another machine sent", async () => {
  const evil = "\u001b]0;owned\u0007\u009b31m\u202e";
  const store = { name: evil, kind: evil, shape: "variables", priority: 1, state: "off", reason: evil, references: [] };
  const credential = {
    key: `svc:${evil}`,
    fields: [{ name: evil, presence: "required" }],
    from: [{ store: evil, reads: [evil] }],
    held: { source: evil, fields: { [evil]: "x" }, degraded: true, resolvedAt: "2026-01-01T00:00:00.000Z" },
    last: { at: "2026-01-01T00:00:00.000Z", trace: [{ store: evil, outcome: "denied", role: "passed", detail: evil }] },
  };
  const body = { version: 1, stores: [store], credentials: [credential] };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => Response.json(body));
  for (const more of [[], ["--json"]]) {
    const args = ["describe", "--url", `http://127.0.0.1:${server.addr.port}/`, ...more];
    const { code, out } = await runCli(args, { flags: FLAGS });
    assertEquals(code, 0);
    // deno-lint-ignore no-control-regex -- They are what is looked for.
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(out), false);
    assertStringIncludes(out, "\ufffd]0;owned");
  }
});

Deno.test("describe --url calls no expired token available, and names the variables that it was told of", async () => {
  const at = "2026-01-01T00:00:00.000Z";
  const stores = [
    {
      ...{ name: "m2m", kind: "oauth2", shape: "token", priority: 2, state: "off", reason: "set M2M_ENABLED to true" },
      references: [{ option: "enabled", variable: "M2M_ENABLED", set: false }],
    },
    {
      ...{ name: "file", kind: "file", shape: "document", priority: 1, state: "on" },
      references: [{ option: "directory", variable: "STATE_DIR", set: false }],
    },
  ];
  const from = [{ store: "m2m", reads: ["access_token"] }, { store: "file", reads: ["a.json#token"] }];
  const held = { source: "m2m", fields: { token: "m2m" }, degraded: false, resolvedAt: at, expiresAt: at };
  const trace = ["m2m", "file"].map((store) => ({ store, outcome: store === "m2m" ? "off" : "miss", role: "passed" }));
  const fields = [{ name: "token", presence: "required" }];
  const credentials = [
    { key: "a:expired", fields, from, held },
    { key: "a:missing", fields, from, last: { at, error: "not_found", missing: ["a.json#token"], trace } },
    { key: "a:new", fields, from },
  ];
  const body = { version: 1, stores, credentials };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => Response.json(body));
  const { code, out } = await runCli(["describe", "--url", `http://127.0.0.1:${server.addr.port}/`], { flags: FLAGS });
  assertEquals(code, 0);
  assertEquals(
    out,
    `0 of 3 credentials are available: 1 missing, 2 not asked
  STATUS     CREDENTIAL  SOURCE  DETAIL
  missing    a:missing   -       not in file; m2m is off
  not asked  a:expired   -       what m2m gave has expired, and is renewed when
                                 it is used
  not asked  a:new       -       looked up when it is first used

To supply the missing ones, do one of the following for each
  a:missing: switch m2m on, or in file: a.json: token

Stores, in the order they are asked: kind, priority, and what may be set
  off  m2m   oauth2  2  set M2M_ENABLED to true
  on   file  file    1  directory: STATE_DIR
Fields: describe --fields. One credential: explain KEY.
`,
  );
});

Deno.test("serve shows its generated token once, on a terminal, and never in a file or a pipe", async () => {
  const piped = await runCli(["serve", "--port", "0"], { flags: FLAGS });
  assertEquals([piped.code, piped.out], [2, ""]);
  assertEquals(
    piped.err,
    "Cannot show a token: standard error is not a terminal, and a log might keep it\n" +
      "Pass the name of the variable that holds the token with --token-env NAME\n",
  );
  const out = Deno.makeTempFileSync();
  const command = `${[Deno.execPath(), ...cliArgs(["serve", "--port", "0"], FLAGS)].join(" ")} >${out}`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--flush", "--command", command, "/dev/null"],
    env: bareEnvironment(),
    clearEnv: true,
    cwd: rootUrl,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    let terminal = "";
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const output = () => Deno.readTextFileSync(out);
    while (!/not shown again/.test(terminal)) terminal += (await reader.read()).value ?? "";
    for (let poll = 0; poll < 100 && output() === ""; poll++) await new Promise((resolve) => setTimeout(resolve, 100));
    await reader.cancel();
    const token = /Token: (\S{32})\r?\n/.exec(terminal)?.[1];
    assert(token, terminal);
    const url = /http:\S+/.exec(output())?.[0];
    assert(url, output());
    assert(!output().includes(token));
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    assertEquals(answer.status, 200);
    await answer.body?.cancel();
  } finally {
    child.kill("SIGTERM");
    await child.status;
    Deno.removeSync(out);
  }
});

Deno.test("serve names the flag that it needs to listen", async () => {
  const flags = ["--allow-env", "--allow-read"];
  const { code, out, err } = await runCli(["serve", "--token-env", "T"], { flags, env: { T: TOKEN } });
  assertEquals([code, out], [2, ""]);
  assertEquals(err, "Cannot listen on 127.0.0.1:4210: needs --allow-net=127.0.0.1:4210\n");
});

Deno.test("serve says what is wrong with its port", async () => {
  const fails = async (args: string[]) => {
    const { code, err } = await runCli(["serve", "--token-env", "T", ...args], { flags: FLAGS, env: { T: TOKEN } });
    assertEquals(code, 2, err);
    return err;
  };
  for (const port of ["x", "-1", "65536", "1.5", ""]) {
    assertStringIncludes(await fails([`--port=${port}`]), "expected a number between 0 and 65535");
  }
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assertStringIncludes(await fails([`--port=${taken.addr.port}`]), "the port is in use: pass another port with --port");
});
