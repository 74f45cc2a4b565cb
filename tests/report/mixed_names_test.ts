import { assertEquals } from "@std/assert";
import { parse } from "valibot";
import {
  createResolver,
  defineChain,
  env,
  file,
  memory,
  mounted,
  optional,
  required,
  setting,
  variables,
} from "../../mod.ts";
import { check, checkSchema, lint } from "../../src/report/mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { testInDirectory } from "../support/fixtures/directory.ts";

const NAMES = { user: ["NEW_USER", "OLD_USER"], password: ["NEW_PW", "OLD_PW"] };
const END = "are used together, and may be of two identities";
const MIXED = `NEW_USER and OLD_PW ${END}: set NEW_PW, or OLD_USER instead of NEW_USER`;

/** Returns what check() finds about mixed names where these variables are set, each with its own name as its value. */
async function foundWith(set: readonly string[], fields: Record<string, readonly string[] | string> = NAMES) {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), tenant: optional(), region: setting() },
        from: { env: { fields } },
      },
    },
  });
  const { findings } = await check(createResolver(chain, { env: valuesOf(set) }));
  return findings.filter(({ rule }) => rule === "mixed_names").map(({ message }) => message);
}

function valuesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `hunter2-${name}`]));
}

Deno.test("check() finds an identity of which only some of the new names are set, so that the old ones supply the rest", async () => {
  const chain = defineChain({
    stores: { env: env({ priority: 2 }), file: file({ priority: 1, directory: "state" }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required() },
        from: { env: { fields: NAMES }, file: "db.json" },
      },
    },
  });
  const host = testHost({ env: valuesOf(["NEW_USER", "OLD_USER", "OLD_PW"]), files: { "state/db.json": "{}" } });
  for (const keys of [undefined, ["db:basic"] as const]) {
    const report = parse(checkSchema, await check(createResolver(chain, host), keys));
    assertEquals(report.findings, [
      { rule: "mixed_names", path: 'credentials["db:basic"].from.env', message: MIXED, key: "db:basic" },
    ]);
    assertEquals([report.ok, report.credentials], [false, [{ key: "db:basic", ok: true, source: "env" }]]);
    assertEquals(JSON.stringify(report).includes("hunter2"), false);
  }
  assertEquals(lint(createResolver(chain, host)), [], "lint() resolves nothing");
});

Deno.test("check() finds no mixed names where all are of one generation, or the names of fields do not go together", async () => {
  assertEquals(await foundWith(["NEW_USER", "NEW_PW", "OLD_USER", "OLD_PW"]), []);
  assertEquals(await foundWith(["NEW_USER", "NEW_PW"]), []);
  assertEquals(await foundWith(["OLD_USER", "OLD_PW"]), []);
  assertEquals(await foundWith(["OLD_USER", "OLD_PW", "NEW_TENANT"]), [], "which it does not read");
  assertEquals(
    await foundWith(["USER", "OLD_PW"], { ...NAMES, user: "USER" }),
    [],
    "one name is that of every generation",
  );
  const uneven = { ...NAMES, password: ["NEW_PW", "MIDDLE_PW", "OLD_PW"] };
  assertEquals(await foundWith(["NEW_USER", "OLD_PW"], uneven), [], "of lists of different lengths");
  const same = { ...NAMES, user: ["USER", "USER"] };
  assertEquals(await foundWith(["USER", "OLD_PW"], same), [], "of a name in both generations");
  const withSetting = { ...NAMES, region: ["NEW_REGION", "OLD_REGION", "REGION"] };
  assertEquals(await foundWith(["NEW_USER", "NEW_PW", "REGION"], withSetting), [], "a setting is not an identity");
  assertEquals(await foundWith(["NEW_USER", "OLD_PW", "REGION"], withSetting), [MIXED]);
});

Deno.test("a blank new name counts as absent for check(), as it does for a resolve", async () => {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: {
      "db:basic": { fields: { user: required(), password: required() }, from: { env: { fields: NAMES } } },
    },
  });
  const host = { env: { ...valuesOf(["NEW_USER", "OLD_PW"]), NEW_PW: " " } };
  assertEquals((await check(createResolver(chain, host))).findings.map(({ message }) => message), [MIXED]);
});

Deno.test("check() says which of three generations' names to set, and that an optional field's old name may be removed", async () => {
  const three = {
    user: ["A_USER", "B_USER", "C_USER"],
    password: ["A_PW", "B_PW", "C_PW"],
    tenant: ["A_TENANT", "B_TENANT", "C_TENANT"],
  };
  assertEquals(await foundWith(["B_USER", "C_PW", "A_TENANT"], three), [
    `B_USER, C_PW and A_TENANT ${END}: set A_USER and A_PW, or C_USER and C_TENANT instead of B_USER and A_TENANT`,
  ]);
  assertEquals(await foundWith(["A_USER", "A_PW", "B_TENANT"], three), [
    `A_USER, A_PW and B_TENANT ${END}: set A_TENANT, or remove B_TENANT`,
  ]);
});

Deno.test("check() says to remove an old alternative once the new one suffices", async () => {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: {
      "db:any": {
        fields: { secret: optional(), token: optional() },
        anyOf: ["secret", "token"],
        from: { env: { fields: { secret: ["NEW_SECRET", "OLD_SECRET"], token: ["NEW_TOKEN", "OLD_TOKEN"] } } },
      },
    },
  });
  const { findings } = await check(createResolver(chain, { env: valuesOf(["OLD_SECRET", "NEW_TOKEN"]) }));
  assertEquals(findings.map(({ message }) => message), [
    `OLD_SECRET and NEW_TOKEN ${END}: set NEW_SECRET, or remove OLD_SECRET`,
  ]);
});

testInDirectory(
  "check() finds mixed names in every store of variables that wins, and only there",
  async (directory) => {
    const set = { NEW_USER: "a", OLD_USER: "b", OLD_PW: "c" };
    Deno.mkdirSync(`${directory}/mounts`);
    for (const [name, value] of Object.entries(set)) Deno.writeTextFileSync(`${directory}/mounts/${name}`, value);
    const lines = Object.entries(set).map(([name, value]) => `${name}=${value}\n`);
    Deno.writeTextFileSync(`${directory}/.env`, lines.join(""), { mode: 0o600 });
    const manager = scriptedStore({
      shape: variables,
      answer: (name: string) => Promise.resolve(set[name as keyof typeof set]),
    });
    const stores = {
      mounted: mounted({ priority: 4, directory: `${directory}/mounts` }),
      dotenv: dotenv({ priority: 3, path: `${directory}/.env` }),
      memory: memory({ priority: 2, values: set }),
      manager: manager.store({ priority: 1 }),
    };
    const fields = { user: required(), password: required() };
    for (const name of Object.keys(stores)) {
      const from = { [name]: { fields: NAMES } };
      const chain = defineChain({ stores, credentials: { "db:basic": { fields, from } } });
      const { findings } = await check(createResolver(chain), ["db:basic"]);
      const found = findings.filter(({ rule }) => rule === "mixed_names").map(({ path, message }) => [path, message]);
      assertEquals(found, [[`credentials["db:basic"].from.${name}`, MIXED]]);
    }
    const all = Object.fromEntries(Object.keys(stores).map((name) => [name, { fields: NAMES }]));
    const chain = defineChain({ stores, credentials: { "db:basic": { fields, from: all } } });
    Deno.writeTextFileSync(`${directory}/mounts/NEW_PW`, "d");
    const { findings } = await check(createResolver(chain), ["db:basic"]);
    assertEquals(findings.filter(({ rule }) => rule === "mixed_names"), [], "a store below the winner");
  },
);
