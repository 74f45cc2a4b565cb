import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { parse } from "valibot";
import { explanationSchema } from "../../src/report/mod.ts";
import { createResolver, defineChain, defineStore, required, token, unavailable } from "../../mod.ts";
import { causeOf } from "../../src/report/needs.ts";
import { describeRoute } from "../../src/route/mod.ts";
import chain from "../support/fixtures/three_needs_chain.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { Page } from "../support/pages/page.ts";
import { runCli, runOnTerminal, tooWide, writeChain } from "../support/programs/run_cli.ts";

const CONFIG = ["--config", new URL("tests/support/fixtures/three_needs_chain.ts", rootUrl).pathname];
const ROLE = { VAULT_ROLE_ID: "fake-role", VAULT_SECRET_ID: "fake-secret" };
/** Nothing listens on this port. */
const AWAY = "http://127.0.0.1:9";

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { out, err } = await runCli([...args, ...CONFIG], {
    env,
    flags: ["--allow-env", "--allow-read", "--allow-net"],
  });
  assertEquals([err, args.includes("--json") ? [] : tooWide(out)], ["", []]);
  assertFalse(out.includes("fake-"));
  // Hint: a longer time may have been wrapped.
  return out.replaceAll(/after \d+\s+ms/g, "after 1 ms");
}

/** Runs a test with the URL of a stand-in for a server that refuses every login. */
async function withRefusingServer(test: (url: string) => Promise<void>): Promise<void> {
  const answer = () => Response.json({ errors: ["invalid role or secret ID"] }, { status: 400 });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  await test(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test("describe shows what stores need as a tree, what is missing at its root, and where each store reads", async () => {
  assertEquals(
    await run(["describe"], { VAULT_ADDR: AWAY }),
    `0 of 4 credentials are available: 1 missing, 3 not asked
  STATUS     CREDENTIAL   SOURCE  DETAIL
  missing    vault:role   -       not in env
  not asked  vault:token  -       login needs vault:role, which is missing
  not asked  pg:app       -       db needs vault:role, which is missing
  not asked  neo4j:basic  -       kv needs vault:role, which is missing

What their stores need
  pg:app                  not asked
    db ← vault:token      not asked
      login ← vault:role  missing: not in env
  neo4j:basic             not asked
    kv ← vault:token      as above

To supply the missing ones, do one of the following for each
  vault:role: env  VAULT_ROLE_ID and VAULT_SECRET_ID

Stores, in the order they are asked: kind, priority, and what may be set
  on  login  vaultLogin    300  method: approle; url: VAULT_ADDR (set)
  on  db     vaultDynamic  260  mount: database; url: VAULT_ADDR (set)
  on  kv     vaultKv       250  mount: secret; namespace: team
    url  VAULT_ADDR (set)
  on  env    env           100
Fields: describe --fields. One credential: explain KEY.
`,
  );
});

Deno.test("describe of stores without their server's URL is one error, and the tree says what is missing besides", async () => {
  const out = await run(["describe"], {});
  assertEquals(
    out.slice(0, out.indexOf("\nTo supply")),
    `0 of 4 credentials are available: 3 errors, 1 missing

Errors
  error    vault:token, and so pg:app, neo4j:basic
    login  VAULT_ADDR is not set
    fix    Set VAULT_ADDR and supply "vault:role" too, in env: VAULT_ROLE_ID and
           VAULT_SECRET_ID

Credentials
  STATUS   CREDENTIAL   SOURCE  DETAIL
  error    vault:token  -       login is invalid
  error    pg:app       -       db needs vault:token, which is invalid
  error    neo4j:basic  -       kv needs vault:token, which is invalid
  missing  vault:role   -       not in env

What their stores need
  pg:app                  error
    db ← vault:token      error: login is invalid
      login ← vault:role  missing: not in env
  neo4j:basic             error
    kv ← vault:token      as above
`,
  );
});

Deno.test("explain of a lease says that what its login logs in with is missing, and in which variables it is looked for", async () => {
  const expected = `pg:app: not available (invalid): db needs vault:role, which is missing

  STORE  RESULT   THEN   DETAIL
  db     invalid  stops  needs vault:token, see below
                         after 1 ms

What its stores need
  db ← vault:token: invalid
    login  invalid: needs vault:role, see below; after 1 ms
    login ← vault:role: missing
      env  miss: supply VAULT_ROLE_ID and VAULT_SECRET_ID
`;
  assertEquals(await run(["explain", "pg:app", "--live"], { VAULT_ADDR: AWAY }), expected);
});

Deno.test("explain says without a request that what a store needs is missing, instead of to ask it", async () => {
  const out = await run(["explain", "neo4j:basic"], { VAULT_ADDR: AWAY });
  assertStringIncludes(out, "neo4j:basic: unknown: kv needs vault:role, which is missing\n");
  assertStringIncludes(out, "      env  miss: supply VAULT_ROLE_ID and VAULT_SECRET_ID\n");
});

Deno.test("explain of a lease names the login that was refused, and what to correct", () =>
  withRefusingServer(async (url) => {
    const expected = `pg:app: not available (denied): db needs vault:token, which is denied

  STORE  RESULT  THEN   DETAIL
  db     denied  stops  needs vault:token, see below
                        after 1 ms

What its stores need
  db ← vault:token: denied
    login  denied: "vault:role" from "env" was refused (HTTP 400): the
           credential, the role or the mount "approle" may be wrong; after 1 ms
    fix    Correct "vault:role", or what the server grants to it
    login ← vault:role: ok from env
`;
    assertEquals(await run(["explain", "pg:app", "--live"], { VAULT_ADDR: url, ...ROLE }), expected);
    const [shown] = new Page("src/cli/README.md").blocks("`explain`", "text").slice(1);
    assertEquals(shown?.replace(/after \d+ ms/g, "after 1 ms"), expected);
  }));

Deno.test("explain of a lease says once that its server is away", async () => {
  assertEquals(
    await run(["explain", "pg:app", "--live"], { VAULT_ADDR: AWAY, ...ROLE }),
    `pg:app: not available (unavailable): db needs vault:token, which is unavailable

  STORE  RESULT       THEN           DETAIL
  db     unavailable  no store left  needs vault:token, see below
                                     after 1 ms

What its stores need
  db ← vault:token: unavailable
    login  unavailable: no connection to the server; after 1 ms
    fix    Try again once the store answers
    login ← vault:role: ok from env
`,
  );
});

Deno.test("check counts a failed login, what needs it, and what needs that as one problem with one fix", () =>
  withRefusingServer(async (url) => {
    assertEquals(
      await run(["check"], { VAULT_ADDR: url, ...ROLE }),
      `  STATUS  CREDENTIAL   SOURCE  DETAIL
  error   vault:token  -       login is denied
  error   pg:app       -       db needs vault:token, which is denied
  error   neo4j:basic  -       kv needs vault:token, which is denied
  ok      vault:role   env

Errors
  error    vault:token, and so pg:app, neo4j:basic
    login  "vault:role" from "env" was refused (HTTP 400): the credential, the
           role or the mount "approle" may be wrong
    fix    Correct "vault:role", or what the server grants to it.
           It is not skipped: its credential may be the newer one.

1 problem
`,
    );
  }));

Deno.test("check of one credential tells of the root of what it needs, also where that was not named", async () => {
  const expected = `  STATUS  CREDENTIAL  SOURCE  DETAIL
  error   pg:app      -       db needs vault:role, which is missing

Errors
  error    vault:token, and so pg:app
    login  needs "vault:role": no store has it: supply VAULT_ROLE_ID and
           VAULT_SECRET_ID in "env"
    fix    Supply "vault:role".
           It is not skipped: its credential may be the newer one.

To supply the missing credentials, do one of the following for each
  vault:role: env  VAULT_ROLE_ID and VAULT_SECRET_ID

1 problem
`;
  assertEquals(await run(["check", "pg:app"], { VAULT_ADDR: AWAY }), expected);
});

Deno.test("two stores that fail alike are two causes, also where one needs what the other gives", async () => {
  const fields = { token: required() };
  const away = () => unavailable("no connection to the server");
  const login = defineStore({ kind: "login", shape: token, open: () => away });
  const alone = defineStore({ kind: "alone", shape: token, needs: ["login"], open: () => away });
  const under = defineStore({
    kind: "under",
    shape: token,
    needs: ["login"],
    open: () => async (_, { need }) => ({ values: { token: (await need("login")).get("token") }, expiresIn: 60 }),
  });
  const resolver = createResolver(
    defineChain({
      stores: {
        login: login({ priority: 3 }),
        alone: alone({ priority: 2, login: "login:token" }),
        under: under({ priority: 1, login: "login:token" }),
      },
      credentials: {
        "login:token": { fields, from: { login: true } },
        "alone:token": { fields, from: { alone: true } },
        "under:token": { fields, from: { under: true } },
      },
    }),
    { env: {} },
  );
  for (const key of ["login:token", "alone:token", "under:token"] as const) await resolver.resolve(key).catch(() => {});
  const description = resolver.describe();
  const of = (key: string) => description.credentials.find((each) => each.key === key)!;
  assertEquals(of("under:token").last?.trace[0]?.need, "login:token");
  assertEquals(of("alone:token").last?.trace[0]?.need, undefined);
  assertEquals(causeOf(of("under:token"), description)?.root.key, "login:token");
  assertEquals(causeOf(of("alone:token"), description), undefined);
});

Deno.test("explain --json has the walk of each need once, with the stores that need it", async () => {
  const out = await run(["explain", "pg:app", "--live", "--json"], { VAULT_ADDR: AWAY });
  const { needs = [], trace } = parse(explanationSchema, JSON.parse(out));
  assertEquals(trace.map(({ store, outcome }) => [store, outcome]), [["db", "invalid"]]);
  assertEquals(needs.map(({ key, neededBy, error }) => [key, neededBy, error]), [
    ["vault:token", ["db"], "invalid"],
    ["vault:role", ["login"], "not_found"],
  ]);
  assertEquals(needs[1]!.trace[0]!.missing, ["VAULT_ROLE_ID", "VAULT_SECRET_ID"]);
});

/** Twelve layers of two credentials, each of which needs both of the layer below: 4,096 paths lead to the lowest. */
const LAYERS = `
const fields = { token: required() };
const kind = defineStore({ kind: "signer", shape: token, needs: ["one", "two"], options: {}, open: () => () => denied("no") });
const keys = (at) => [\`a\${at}:token\`, \`b\${at}:token\`];
const layers = Array.from({ length: 12 }, (_, at) => at);
export default defineChain({
  stores: {
    env: env({ priority: 1 }),
    ...Object.fromEntries(layers.map((at) => {
      const [one, two] = keys(at);
      return [\`s\${at}\`, kind({ priority: 10 + at, one, two })];
    })),
  },
  credentials: {
    ...Object.fromEntries(keys(0).map((key) => [key, { fields, from: { env: { prefix: "LOW_" } } }])),
    ...Object.fromEntries(layers.flatMap((at) => keys(at + 1).map((key) => [key, { fields, from: { [\`s\${at}\`]: true } }]))),
  },
});`;

Deno.test("describe and explain print a need once, however many stores and paths lead to it", async () => {
  const directory = makeDirectory();
  try {
    const config = `${directory.path}/chain.config.ts`;
    const imported = "defineChain, defineStore, denied, env, required, token";
    const module = new URL("mod.ts", rootUrl).href;
    Deno.writeTextFileSync(config, `import { ${imported} } from "${module}";${LAYERS}`);
    for (const args of [["describe"], ["explain", "a12:token", "--live"], ["check"]]) {
      const { out, err } = await runCli([...args, "--config", config], { env: { LOW_TOKEN: "fake-token" } });
      assertEquals([err, tooWide(out)], ["", []]);
      const told = out.split("\n").filter((line) => /^ +s5 ← a5:token(?!.* as above)/.test(line));
      assertEquals(
        told.map((line) => line.search(/\S/)),
        args[0] === "check" ? [] : [args[0] === "describe" ? 16 : 14],
      );
      assertEquals(out.split("\n").length < 150, true);
    }
  } finally {
    directory.remove();
  }
});

Deno.test("describe --url prints the tree of another process, whose login was refused, and what to correct", () =>
  withRefusingServer(async (url) => {
    const resolver = createResolver(chain, { env: { VAULT_ADDR: url, ...ROLE } });
    await resolver.resolve("pg:app").catch(() => {});
    const route = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => route.fetch(request),
    );
    const out = await run(["describe", "--url", `http://127.0.0.1:${server.addr.port}/`], {});
    assertStringIncludes(
      out,
      `
  pg:app                  error
    db ← vault:token      error: login is denied
      login ← vault:role  ok from env
`,
    );
    assertStringIncludes(out, "\n  error    vault:token, and so pg:app\n");
  }));

/** Five credentials that need one another, of which some have a name of sixty characters. */
const LONG_NAMES = `(() => {
  const fields = { token: required() };
  const kind = defineStore({ kind: "signer", shape: token, needs: ["with"], options: {}, open: () => () => denied("no") });
  const keys = [0, 1, 2, 3, 4].map((at) => \`t\${at}:\${at % 2 ? "x".repeat(57) : "x"}\`);
  const at = (number) => number === 3 ? "a-store-whose-name-has-sixty-characters-which-is-rather-long" : \`s\${number}\`;
  return defineChain({
    stores: {
      env: env({ priority: 1, enabled: whenSet("LOW_ENABLED") }),
      ...Object.fromEntries([1, 2, 3, 4].map((number) => [at(number), kind({ priority: number + 1, with: keys[number - 1] })])),
    },
    credentials: Object.fromEntries(keys.map((key, number) => [key, {
      fields,
      from: number === 0 ? { env: { prefix: "LOW_" } } : { [at(number)]: true },
    }])),
  });
})()`;

Deno.test("describe and explain of long names are no wider than a narrow terminal, and print no column of single words", async () => {
  const directory = makeDirectory();
  writeChain(directory.path, LONG_NAMES);
  const config = ["--config", `${directory.path}/chain.config.ts`];
  for (const columns of [60, 80, 140]) {
    for (const env of [{ LOW_ENABLED: "1", LOW_TOKEN: "fake-token" }, { LOW_ENABLED: "1" }, {}]) {
      for (const args of [["describe"], ["explain", "t4:x"]]) {
        const out = await runOnTerminal([...args, ...config], { env: { ...env, NO_COLOR: "1" }, columns });
        assertEquals(out.split("\n").filter((line) => [...line].length > columns), []);
        assertFalse(/(?:^ {40,}\w+\n){2}/m.test(out), out);
        assertStringIncludes(out, "t4:x");
      }
    }
  }
  directory.remove();
});

Deno.test("describe and explain say that a needed credential is off where its stores are, and not that it is missing", async () => {
  const directory = makeDirectory();
  writeChain(directory.path, LONG_NAMES);
  const config = ["--config", `${directory.path}/chain.config.ts`];
  for (const args of [["describe"], ["explain", "t2:x"]]) {
    const { out } = await runCli([...args, ...config]);
    assertStringIncludes(out, "s2 needs t0:x, which is off");
    assertFalse(out.includes("which is missing"));
  }
  directory.remove();
});
