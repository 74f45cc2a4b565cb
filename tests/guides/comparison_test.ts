/** What the comparison says of other packages, seen with those packages. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { peers } from "../bench/peers.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { COMPARED, makeMigration, PACKAGES, programs } from "../support/guides/migration.ts";

const text = Deno.readTextFileSync(new URL(".github/COMPARISON.md", rootUrl));

/** Asks each tool for a login of which the first source has the user alone, and for a document that is cut off in the first. */
const CASES = `
import { mkdirSync, writeFileSync } from "node:fs";
import { createResolver, defineChain, env, file, required } from "@alphaswarm/credentials";
import { testHost } from "@alphaswarm/credentials/testing";
import { loadConfig } from "c12";
import { Config, ConfigProvider, Effect } from "effect";
import { createStorage } from "unstorage";
import files from "unstorage/drivers/fs-lite";
import memory from "unstorage/drivers/memory";
import overlay from "unstorage/drivers/overlay";

const SECOND = { user: "second", password: "second" };
const login = ({ user, password }) => [user, password];

function layer(values) {
  const driver = memory();
  for (const [name, value] of Object.entries(values)) driver.setItem(name, value);
  return driver;
}
const stored = createStorage({ driver: overlay({ layers: [layer({ user: "first" }), layer(SECOND)] }) });
const unstorage = [await stored.getItem("user"), await stored.getItem("password")];

const { config } = await loadConfig({ cwd: "empty", overrides: { user: "first" }, defaults: SECOND });

const provider = (values) =>
  ConfigProvider.make(([name]) => Effect.succeed(name in values ? ConfigProvider.makeValue(values[name]) : undefined));
const wanted = Config.all({ user: Config.String("user"), password: Config.String("password") });
const effect = Effect.runSync(wanted.parse(ConfigProvider.orElse(provider({ user: "first" }), provider(SECOND))));

async function resolve(stores, from, host) {
  const fields = { user: required(), password: required() };
  const resolver = createResolver(defineChain({ stores, credentials: { "neo4j:basic": { fields, from } } }), host);
  try {
    const credential = await resolver.resolve("neo4j:basic");
    return [credential.get("user"), credential.get("password"), credential.degraded];
  } catch ({ code, trace }) {
    return [code, trace.map(({ store }) => store)];
  }
}
const place = { env: { prefix: "NEO4J_" }, file: "login.json" };
const own = await resolve(
  { env: env({ priority: 2 }), file: file({ priority: 1, directory: "state" }) },
  place,
  testHost({ env: { NEO4J_USER: "first" }, files: { "state/login.json": JSON.stringify(SECOND) } }),
);

mkdirSync("cut");
writeFileSync("cut/login.json", '{"user": "first", ');
const layers = [files({ base: "cut" }), layer({ "login.json": JSON.stringify(SECOND) })];
const unstorageCut = await createStorage({ driver: overlay({ layers }) }).getItem("login.json");
const ownCut = await resolve(
  { file: file({ priority: 2, directory: "cut" }), env: env({ priority: 1 }) },
  place,
  { env: { NEO4J_USER: "second", NEO4J_PASSWORD: "second" } },
);
console.log(JSON.stringify({ unstorage, c12: login(config), effect: login(effect), own, unstorageCut, ownCut }));
`;

Deno.test("of a login in two sources, settings libraries put one together, and the chain takes that of one", async () => {
  using project = await makeMigration();
  project.write("cases.mjs", CASES);
  const { out, err } = await project.run("node-26", ["cases.mjs"]);
  const mixed = ["first", "second"];
  assertEquals(JSON.parse(out || JSON.stringify(err)), {
    unstorage: mixed,
    c12: mixed,
    effect: mixed,
    own: ["second", "second", true],
    unstorageCut: '{"user": "first", ',
    ownCut: ["invalid", ["file"]],
  });
  // What dotenv and the AWS SDK do is in dotenv_table_test.ts and clouds_test.ts.
});

Deno.test("skipValidation of t3-env gives what is not validated", async () => {
  using project = await makeMigration();
  project.write("before.ts", programs("validators").before[0] ?? "");
  project.write("main.ts", `import { env } from "./before.ts"; console.log(JSON.stringify(env.NEO4J_PORT));`);
  const { out } = await project.run("node-26", ["main.ts"], { SKIP_ENV_VALIDATION: "true", NEO4J_PORT: "not a port" });
  assertEquals(out.trim(), '"not a port"');
});

Deno.test("the figures of the comparison are those of the benchmark's page", () => {
  const results = Deno.readTextFileSync(new URL("tests/bench/RESULTS.md", rootUrl)).split("## All figures")[1]!;
  const [, measured = ""] = text.split("## Measured");
  const rows = [...measured.split("## Each in turn")[0]!.matchAll(/^\| \*\*(.+?)\*\* +\|(.*)$/gm)];
  assertEquals(rows.length, 8);
  for (const [, row = "", cells = ""] of rows) {
    const [, section] = results.split(`| **${row}**`);
    assert(section, `the benchmark has no row "${row}"`);
    const lines = `|${section}`.split("_bar:")[0]!.split("\n").map((line) => line.split("|"));
    // The third runtime is Node 24; sizes are the same everywhere.
    const figures = lines.map(([, first = "", deno = "", , node24 = ""]) => node24.trim() || `${first} ${deno}`).join(
      " ",
    );
    const cited = cells.match(/[\d.,]+ (?:ns|µs|ms|KB|req|failed)/g) ?? [];
    assert(cited.length > 1);
    for (const figure of cited) assertStringIncludes(figures, figure, row);
  }
});

Deno.test("the comparison names the versions that were run and those of the benchmark", () => {
  const [, looked = ""] = text.split("## What was looked at");
  for (const [name, version] of Object.entries({ ...PACKAGES, ...COMPARED })) {
    const line = looked.split("\n").find((each) => each.includes(`\`${name}\``));
    assertStringIncludes(line ?? "", version, name);
  }
  for (const name of ["@aws-sdk/credential-providers", "@azure/identity", "google-auth-library"] as const) {
    assertStringIncludes(looked.split("\n").find((each) => each.includes(name)) ?? "", peers[name]);
  }
});
