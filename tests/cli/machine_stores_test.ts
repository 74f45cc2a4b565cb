import { assertEquals, assertMatch } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runCli } from "../support/programs/run_cli.ts";

/** A chain of a desk and of AWS, on a machine that is neither. */
const CHAIN = `
  import { defineChain, env, required } from "${new URL("mod.ts", rootUrl)}";
  import { awsRuntime, secretsManager } from "${new URL("src/stores/aws/mod.ts", rootUrl)}";
  import { exec } from "${new URL("src/stores/exec/mod.ts", rootUrl)}";

  export default defineChain({
    stores: {
      sm: secretsManager({ priority: 4, region: "eu-west-1", credentials: "aws:keys" }),
      aws: awsRuntime({ priority: 3 }),
      op: exec({ priority: 2, command: ["touch", "{}"] }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "aws:keys": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { aws: true },
      },
      "db:basic": { fields: { user: required() }, from: { sm: "prod/db", env: { prefix: "DB_" } } },
      "github:api": {
        fields: { token: required() },
        from: { op: { document: "asked", text: true, fields: { token: "" } }, env: { prefix: "GITHUB_" } },
      },
    },
  });
`;

async function runOnDesk(
  command: string,
  chain = CHAIN,
): Promise<{ readonly out: string; readonly wasAsked: boolean }> {
  const directory = makeDirectory();
  try {
    Deno.writeTextFileSync(`${directory.path}/chain.config.ts`, chain);
    const { out } = await runCli([command], {
      cwd: directory.path,
      flags: ["--allow-env", "--allow-read", "--allow-run=no-such-program"],
    });
    const wasAsked = [...Deno.readDirSync(directory.path)].some(({ name }) => name === "asked");
    return { out: out.replace(/\s+/g, " "), wasAsked };
  } finally {
    directory.remove();
  }
}

Deno.test("describe runs no program, and says so; a store that a machine has not is off in its own words", async () => {
  const { out, wasAsked } = await runOnDesk("describe");
  assertMatch(out, / not asked github:api - op runs a program /);
  assertMatch(out, / off aws awsRuntime 3 this is not a container of AWS, and no instance is asked /);
  assertEquals(wasAsked, false);
});

Deno.test("check says to supply what a store of documents needs, and not to write the document", async () => {
  const { out } = await runOnDesk("check");
  assertMatch(out, / sm needs "aws:keys": no store has it: .* fix Supply "aws:keys"\. /);
  assertEquals(/Write the document/.test(out), false);
});

Deno.test("check says of a program that is not installed what to correct, and not to write a document", async () => {
  const { out } = await runOnDesk("check", CHAIN.replace(`"touch"`, `"no-such-program"`));
  assertMatch(
    out,
    / op no-such-program is not in PATH: install it, or write its absolute path fix Correct the program, /,
  );
  assertEquals(/Write the document/.test(out), false);
});
