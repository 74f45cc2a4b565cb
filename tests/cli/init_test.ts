import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SERVICES } from "../../src/cli/init_services.ts";
import { VERSION } from "../../src/cli/version.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { testInDirectory } from "../support/fixtures/directory.ts";
import { type CliResult, runCli, tooWide } from "../support/programs/run_cli.ts";

const SPECIFIER = `jsr:@alphaswarm/credentials@^${VERSION}`;
const ALL = ["--allow-env", "--allow-read", "--allow-write"];
const NEO4J = { NEO4J_USERNAME: "fake-user", NEO4J_PASSWORD: "fake-password" };

/** Runs a command in a directory, whose chain imports this package by its name on JSR. */
async function run(
  cwd: string,
  args: readonly string[],
  { env = {}, flags = ALL }: { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] } =
    {},
): Promise<CliResult> {
  const result = await runCli(args, { cwd, env, flags: [...flags, IMPORT_MAP] });
  assertEquals(/fake-/.test(result.out + result.err), false, result.out + result.err);
  return result;
}

/** An import map by which no registry is asked. */
const IMPORT_MAP = (() => {
  const { imports } = JSON.parse(read(new URL("deno.json", rootUrl)));
  const own = new URL("mod.ts", rootUrl).href;
  const map = { imports: { ...imports, [SPECIFIER]: own, "@alphaswarm/credentials": own } };
  return `--import-map=data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
})();

function read(path: string | URL): string {
  return Deno.readTextFileSync(path);
}

async function deno(cwd: string, args: readonly string[]): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" }).output();
  return success ? "" : new TextDecoder().decode(stderr);
}

testInDirectory(
  "init writes a chain of what is set on this machine, and describe finds the credential",
  async (cwd) => {
    const { code, out, err } = await run(cwd, ["init", "neo4j"], { env: NEO4J });
    assertEquals([code, err], [0, ""]);
    assertEquals(
      out,
      `Wrote chain.config.ts: neo4j:basic, from env

  SERVICE  FOUND
  neo4j    NEO4J_USERNAME is set
           NEO4J_USER is not set
           NEO4J_PASSWORD is set
           data/bootstrap/neo4j-credentials.json does not exist

Next: the command describe
`,
    );
    const text = read(`${cwd}/chain.config.ts`);
    assertStringIncludes(text, SPECIFIER);
    assertEquals(/fake-/.test(text), false);
    const described = await run(cwd, ["describe"], { env: NEO4J });
    assertMatch(described.out, /^1 of 1 credential is available\n[^]* ok +neo4j:basic +env\n/);
  },
);

testInDirectory(
  "init of several services reads documents first where there is a directory for them, which check would miss otherwise",
  async (cwd) => {
    Deno.mkdirSync(`${cwd}/data/bootstrap`, { recursive: true });
    const { code, out } = await run(cwd, ["init", "polaris", "github"]);
    assertEquals([code, tooWide(out)], [0, []]);
    assertMatch(out, /^Wrote chain\.config\.ts: polaris:oauth and github:api, from file and env\n/);
    assertMatch(out, /POLARIS_CLIENT_ID is not set\n +POLARIS_CLIENT_SECRET is not set\n/);
    const text = read(`${cwd}/chain.config.ts`);
    assert(text.split("\n").length <= 60, text);
    const described = await run(cwd, ["describe"]);
    assertMatch(described.out, /^0 of 2 credentials are available: 2 missing\n/);
    assertStringIncludes(described.out, "POLARIS_CLIENT_ID and POLARIS_CLIENT_SECRET");
    assertStringIncludes(described.out, "polaris-principal.json");
    const tokens = { POLARIS_CLIENT_ID: "fake-id", POLARIS_CLIENT_SECRET: "fake-secret", GITHUB_TOKEN: "fake-token" };
    assertMatch((await run(cwd, ["check"], { env: tokens })).out, /\nNo problems found\n$/);
    Deno.removeSync(`${cwd}/chain.config.ts`);
    Deno.removeSync(`${cwd}/data`, { recursive: true });
    assertMatch((await run(cwd, ["init", "polaris", "github"])).out, /: polaris:oauth and github:api, from env\n/);
    assertMatch((await run(cwd, ["check"], { env: tokens })).out, /\nNo problems found\n$/);
  },
);

testInDirectory(
  "init uses the names by which the most variables are set, and a document that is there",
  async (cwd) => {
    Deno.mkdirSync(`${cwd}/data/bootstrap`, { recursive: true });
    Deno.writeTextFileSync(
      `${cwd}/data/bootstrap/minio-service-account.json`,
      '{"accessKey":"fake-a","secretKey":"fake-b"}',
    );
    const env = {
      ALPHASWARM_NEO4J_USER: "fake-user",
      ALPHASWARM_NEO4J_PASSWORD: "fake-password",
      NEO4J_URI: "bolt://fake-",
    };
    const { out } = await run(cwd, ["init", "minio", "neo4j"], { env });
    assertMatch(out, /from file and env\n/);
    assertMatch(out, /ALPHASWARM_NEO4J_PASSWORD is set\n/);
    assertMatch(out, /data\/bootstrap\/minio-service-account\.json exists\n/);
    const described = await run(cwd, ["describe"], { env });
    assertMatch(described.out, /^2 of 2 credentials are available\n/);
    assertMatch(described.out, /ok +minio:static +file\n/);
    assertMatch(described.out, /ok +neo4j:basic +env\n/);
  },
);

testInDirectory(
  "init writes for each service a chain that compiles, is formatted, and maps what it says",
  async (cwd) => {
    Deno.mkdirSync(`${cwd}/data/bootstrap`, { recursive: true });
    const names = Object.keys(SERVICES);
    const written = names.flatMap((name) => [`${name}.ts`, `${name}_set.ts`]);
    await Promise.all(names.map(async (name) => {
      const [vendor] = SERVICES[name]!.variables;
      const env = Object.fromEntries(
        Object.values(vendor).flat().map((variable) => [variable, "https://fake-.example"]),
      );
      await run(cwd, ["init", name, "--config", `${name}.ts`]);
      await run(cwd, ["init", name, "--config", `${name}_set.ts`], { env });
      const { out } = await run(cwd, ["describe", "--config", `${name}_set.ts`], { env });
      assertMatch(out, /^1 of 1 credential is available\n/, name);
    }));
    await run(cwd, ["init", ...names, "--config", "all.ts"]);
    const files = [...written, "all.ts"];
    assertEquals(await deno(cwd, ["fmt", "--check", "--no-config", ...files]), "");
    assertEquals(await deno(cwd, ["check", "--no-lock", IMPORT_MAP, ...files]), "");
  },
);

testInDirectory("init never overwrites: of two at the same time one writes, and the other one says so", async (cwd) => {
  const both = await Promise.all([run(cwd, ["init", "neo4j"]), run(cwd, ["init", "github"])]);
  assertEquals(both.map(({ code }) => code).toSorted(), [0, 2]);
  const text = read(`${cwd}/chain.config.ts`);
  const { code, out, err } = await run(cwd, ["init", "aws"]);
  assertEquals([code, out, read(`${cwd}/chain.config.ts`)], [2, "", text]);
  assertEquals(
    err,
    "Cannot write ./chain.config.ts: it exists, and nothing is overwritten\n" +
      "Add the services to it by hand, or write another file with --config FILE\n",
  );
  Deno.symlinkSync("nowhere.ts", `${cwd}/link.ts`);
  assertEquals((await run(cwd, ["init", "aws", "--config", "link.ts"])).code, 2);
  assertEquals([...Deno.readDirSync(cwd)].some(({ name }) => name === "nowhere.ts"), false);
});

testInDirectory("init reads the variables of the services that it is given, and no others", async (cwd) => {
  const names = [...new Set(SERVICES.neo4j!.variables.flatMap((names) => Object.values(names).flat()))];
  const flags = [`--allow-env=${names}`, "--allow-read=.", "--allow-write=chain.config.ts"];
  const { code, out, err } = await run(cwd, ["init", "neo4j"], { env: { ...NEO4J, GH_TOKEN: "fake-token" }, flags });
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /NEO4J_PASSWORD is set\n/);
  const blind = await run(cwd, ["init", "neo4j", "--config", "blind.ts"], { env: NEO4J, flags: ["--allow-write=."] });
  assertMatch(blind.out, /NEO4J_PASSWORD cannot be read\n/);
});

testInDirectory("init imports the package by its name where the project has it", async (cwd) => {
  Deno.writeTextFileSync(`${cwd}/deno.jsonc`, `{ "imports": { "@alphaswarm/credentials": "jsr:…" } /* ours */ }`);
  Deno.mkdirSync(`${cwd}/src`);
  await run(cwd, ["init", "neo4j", "--config", "src/chain.ts"]);
  assertMatch(read(`${cwd}/src/chain.ts`), /from "@alphaswarm\/credentials";\n/);
});

testInDirectory("init --json says what was found, without a value", async (cwd) => {
  const { out } = await run(cwd, ["init", "openai", "--json"], { env: { OPENAI_API_KEY: "fake-key" } });
  assertEquals(JSON.parse(out), {
    version: 1,
    config: "./chain.config.ts",
    stores: ["env"],
    services: [{
      name: "openai",
      key: "openai:api",
      variables: [{ name: "OPENAI_API_KEY", field: "token", set: true }],
      document: { path: "data/bootstrap/openai-key.json", exists: false },
    }],
  });
});

const MISTAKES: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["init"], /^Expected a SERVICE or several, for example: init neo4j github\nThe services are polaris, iceberg, /],
  [["init", "neo4"], /^Cannot find a service "neo4": did you mean "neo4j"\? The services are polaris, /],
  [["init", "fake-secret-0123456789"], /^Cannot find a service: the services are polaris, /],
  [["init", "toString"], /^Cannot find a service: the services are polaris, /],
  [
    ["init", "neo4j", "--config", "chain.json"],
    /^Cannot write "chain\.json": expected a TypeScript or JavaScript module/,
  ],
  [["init", "neo4j", "--config", "none/chain.ts"], /^Cannot write none\/chain\.ts: its directory does not exist\n/],
  [["init", "neo4j", "--config", "folder.ts"], /^Cannot write folder\.ts: it is a directory\n/],
  [
    ["describe"],
    /^Cannot load \.\/chain\.config\.ts: the file does not exist: pass .*, or write one with init SERVICE\n/,
  ],
];

testInDirectory("init with a mistake writes nothing, exits with 2 and says what was expected", async (cwd) => {
  Deno.mkdirSync(`${cwd}/folder.ts`);
  for (const [args, message] of MISTAKES) {
    const { code, out, err } = await run(cwd, args);
    assertEquals([code, out], [2, ""], args.join(" "));
    assertMatch(err, message);
  }
  const denied = await run(cwd, ["init", "neo4j"], { flags: ["--allow-env", "--allow-read"] });
  assertEquals(denied.code, 2);
  assertMatch(
    denied.err,
    /^Cannot write \.\/chain\.config\.ts: writing it needs --allow-write=\.\/chain\.config\.ts\n/,
  );
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name), ["folder.ts"]);
});

Deno.test("deno task init may read the variables of its services only, and write in this directory", () => {
  const { permissions, tasks, version } = JSON.parse(read(new URL("deno.json", rootUrl)));
  const names = Object.values(SERVICES).flatMap(({ variables }) =>
    variables.flatMap((each) => Object.values(each).flat())
  );
  const own = ["FORCE_COLOR", "INIT_CWD", "NO_COLOR", "npm_config_user_agent", "npm_lifecycle_event"];
  assertEquals(permissions.init, { env: [...own, ...[...new Set(names)].toSorted()], read: ["."], write: ["."] });
  assertEquals(tasks.init.command, "deno run --quiet --no-prompt -P=init src/cli/mod.ts init");
  assertEquals(version, VERSION, "src/cli/version.ts");
});

testInDirectory("init writes no module that describe could not load or a message may not name", async (cwd) => {
  for (const config of ["chain.cjs", "chain.cts", "fake:secret@x?.ts", "a\u001b[31mb.ts", "a\u202eb.ts"]) {
    const { code, out, err } = await run(cwd, ["init", "neo4j", "--config", config]);
    assertEquals([code, out], [2, ""], config);
    assertMatch(err, /^Cannot write the chain(, which is an ES module)?: expected a name /, config);
    for (const part of ["fake", "\u001b", "\u202e"]) assert(!err.includes(part), err);
  }
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name), []);
});

testInDirectory("the next command after init can be pasted, whatever the path of the module", async (cwd) => {
  const { out } = await run(cwd, ["init", "neo4j", "--config", "my 'own' chain.ts"]);
  assertStringIncludes(out, `Next: the command describe --config 'my '\\''own'\\'' chain.ts'\n`);
});
