import { assertEquals } from "@std/assert";
import { guide, GUIDES, makeMigration, PACKAGES, programs } from "../support/guides/migration.ts";
import { compilerPath } from "../support/packaging/compilers.ts";
import { asInstalled, Page } from "../support/pages/page.ts";
import { rootUrl } from "../support/closed_network/root.ts";

Deno.test("the programs of the guides compile: those before with the packages they are for, those after with this one", async () => {
  using project = await makeMigration();
  const files: (readonly [path: string, code: string])[] = GUIDES.flatMap((name) => {
    const { before, after } = programs(name);
    return [...before, after].map((code, at) => [`${name}_${at}.ts`, code] as const);
  });
  files.push(["credentials.ts", programs("aws").after]);
  files.push(["aws_compare.ts", guide("aws").blocks("Both side by side", "ts ignore")[0]]);
  for (const [path, code] of files) project.write(path, code);
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom", "esnext.disposable"],
    types: ["node"],
    strict: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: files.map(([path]) => path) }));
  const { code, out } = await project.run("node-24", [await compilerPath("typescript-7")]);
  assertEquals([out, code], ["", 0]);
  assertEquals(files.length, 2 + 2 + 2 + 1 + 4 + 2, "a program is missing, or new");
});

Deno.test("the guides name the versions that their programs were tried with", () => {
  const text = GUIDES.map((name) => guide(name).text).join("\n");
  const unnamed = Object.entries(PACKAGES).filter(([name, version]) => !text.includes(`\`${name}\` ${version}`));
  assertEquals(unnamed, []);
});

Deno.test("a comparison beside the old way says which field differs, and shows no value", async () => {
  using project = await makeMigration();
  const [program] = new Page(".github/guides/migrating.md").blocks("Run both side by side", "ts");
  project.write("compare.ts", asInstalled(program));
  const { out, err } = await project.run("node-26", ["compare.ts"]);
  const shown = [...program.matchAll(/^console\.log\(.*\); \/\/ (".*")$/gm)].map(([, text]) => JSON.parse(text!));
  assertEquals([out.trimEnd().split("\n"), err], [shown, ""]);
});

Deno.test("what t3-env, envalid and znv gave, the chain gives, the port as a number", async () => {
  using project = await makeMigration();
  const { before, after } = programs("validators");
  const env = { NEO4J_USER: "reader", NEO4J_PASSWORD: "fake-password-1", NEO4J_PORT: "7687", PUBLIC_TITLE: "App" };
  const old = [];
  for (const program of before) {
    project.write("before.ts", program);
    project.write(
      "main.ts",
      `import { env } from "./before.ts"; console.log(JSON.stringify([env.NEO4J_USER, env.NEO4J_PASSWORD, env.NEO4J_PORT]));`,
    );
    old.push((await project.run("node-26", ["main.ts"], env)).out.trim());
  }
  project.write("after.ts", after);
  project.write(
    "main.ts",
    `import { login } from "./after.ts"; const l = await login();
     console.log(JSON.stringify([l.get("user"), l.get("password"), l.get("port")]));`,
  );
  const { out } = await project.run("node-26", ["main.ts"], env);
  const values = JSON.stringify(["reader", "fake-password-1", 7687]);
  assertEquals([...old, out.trim()], [values, values, values, values]);
});

Deno.test("a value that fails its schema is shown by envalid and znv, and never by the chain", async () => {
  using project = await makeMigration();
  const { before: [, envalid = "", znv = ""], after } = programs("validators");
  const wrong = `fake-${crypto.randomUUID()}`;
  const env = { NEO4J_USER: "reader", NEO4J_PASSWORD: "fake-password-1", NEO4J_PORT: wrong };
  const shows = async (program: string) => {
    project.write("main.ts", program);
    const { code, out, err } = await project.run("node-26", ["main.ts"], env);
    return [code, (out + err).includes(wrong)];
  };
  assertEquals([await shows(envalid), await shows(znv)], [[1, true], [1, true]]);
  assertEquals(await shows(`${after}\nawait login();`), [1, false]);
});

Deno.test("the documents that the Python module wrote and read are read by the guide's chain, which stops at a broken one", async () => {
  using project = await makeMigration();
  project.write("main.ts", programs("python").after);
  const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: "state" };
  assertEquals((await project.run("node-26", ["main.ts"], env)).out.trim(), "default root");
  Deno.mkdirSync(`${project.directory}/state`);
  for (
    const document of [
      { client_id: "minted", client_secret: "fake", principal: "alphaswarm_runtime" },
      { clientId: "minted", clientSecret: "fake" },
      { principal: { name: "alphaswarm_runtime" }, credentials: { clientId: "minted", clientSecret: "fake" } },
    ]
  ) {
    project.write("state/polaris-principal.json", JSON.stringify(document));
    const { out, err } = await project.run("node-26", ["main.ts"], env);
    assertEquals([out.trim(), err], ["file minted", ""]);
  }
  const seed = { ALPHASWARM_POLARIS_CLIENT_ID: "root", ALPHASWARM_POLARIS_CLIENT_SECRET: "fake" };
  for (
    const [document, code] of [['{"client_id": "minted", ', "invalid"], [
      '{"clientId":"x","secret":"fake"}',
      "incomplete",
    ]]
  ) {
    project.write("state/polaris-principal.json", document!);
    const { out, err } = await project.run("node-26", ["main.ts"], { ...env, ...seed });
    assertEquals([out, err.includes(`code: '${code}'`)], ["", true]);
  }
});

Deno.test("each variable that replaces one of the Python module is one that the shipped chain reads", () => {
  const named = [...new Set(guide("python").text.match(/\bALPHASWARM_[A-Z0-9_]*[A-Z0-9]\b/g))];
  const described = new TextDecoder().decode(
    new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "describe"],
      cwd: rootUrl,
      clearEnv: true,
      env: { NO_COLOR: "1", PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" },
    }).outputSync().stdout,
  );
  const used = new Set(described.match(/\bALPHASWARM_[A-Z0-9_]+/g));
  assertEquals(named.length > 20, true);
  assertEquals(named.filter((name) => !used.has(name)), []);
});

const hasPython = await new Deno.Command("python3", { args: ["--version"] }).output().then(() => true, () => false);

Deno.test({ name: "the Python program of the guide is Python", ignore: !hasPython }, () => {
  const [program] = guide("python").blocks("Before and after", "python");
  const { success, stderr } = new Deno.Command("python3", {
    args: ["-c", "import ast, sys; ast.parse(sys.argv[1])", program],
  })
    .outputSync();
  assertEquals([success, program.length > 0], [true, true], new TextDecoder().decode(stderr));
});
