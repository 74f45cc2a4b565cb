import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import type { StoreDescription } from "../../mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { type CliResult, runCli, tooWide } from "../support/programs/run_cli.ts";
import { SEAL } from "../support/share/fleet.ts";

/** Runs `describe --url` for a process with these stores. */
async function describeRemote(stores: readonly Partial<StoreDescription>[]): Promise<string> {
  const m2m = { name: "m2m", kind: "oauth2", shape: "token", priority: 3, state: "on", references: [] };
  const body = {
    version: 1,
    stores: stores.map((store, at) => ({ ...m2m, name: `m2m${at}`, ...store })),
    credentials: [],
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => Response.json(body));
  const flags = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1"];
  const { code, out } = await runCli(["describe", "--url", `http://127.0.0.1:${server.addr.port}/`], { flags });
  assertEquals([code, tooWide(out)], [0, []]);
  return out;
}

Deno.test("describe --url says of a store by which engine it shares, whether that works, and with whom, in one line", async () => {
  const share = { engine: "redis", entries: [], minted: 0, received: 0 };
  const entries = ["1a2b3c4d"];
  const many = Array.from({ length: 7 }, (_, at) => `${at}a2b3c4d`);
  const out = await describeRemote([
    { share },
    { share: { ...share, state: "on", entries, minted: 1, received: 30 } },
    { share: { ...share, state: "refused", entries, minted: 2 } },
    { share: { ...share, engine: "postgres", state: "misunderstood", entries: many, minted: 12, received: 7 } },
    { share, state: "off", reason: "set M2M_ENABLED to true" },
    {},
  ]);
  assertEquals(
    /^Stores[^\n]*\n([^]*)Fields:/m.exec(out)![1],
    `  on   m2m0  oauth2  3  share: redis (not asked yet)
  on   m2m1  oauth2  3  share: redis (on), minted 1, received 30, entry 1a2b3c4d
  on   m2m2  oauth2  3
    share  redis (refused), minted 2, received 0, entry 1a2b3c4d
  on   m2m3  oauth2  3
    share  postgres (misunderstood), minted 12, received 7, entries 0a2b3c4d,
           1a2b3c4d, 2a2b3c4d, 3a2b3c4d, 4a2b3c4d, 5a2b3c4d, 6a2b3c4d
  off  m2m4  oauth2  3  set M2M_ENABLED to true; share: redis
  on   m2m5  oauth2  3
`,
  );
});

/** A chain that shares by an engine in memory, whose connection keeps the process from ending until it is closed. */
const CHAIN = `
import { defineChain, defineStore, denied, env, flag, fromEnv, required, token } from "${
  new URL("mod.ts", rootUrl).href
}";
import { defineEngine } from "${new URL("src/share/mod.ts", rootUrl).href}";

const texts = new Map();
const failing = { away: () => new Error("fake-error"), refused: () => denied("no") }[Deno.env.get("ENGINE_STATE")];
const answer = async (value) => {
  if (failing) throw failing();
  return value();
};
const engine = defineEngine({
  kind: "memory",
  options: { connect: "function" },
  open: async (credential, { connect }) => {
    const connection = await connect(credential);
    return {
      get: (name) => answer(() => ({ now: Date.now(), text: texts.get(name), version: texts.get(name) })),
      swap: (name, before, text) =>
        answer(() => texts.get(name) === before ? texts.set(name, text) && text : undefined),
      close: () => clearInterval(connection),
    };
  },
});
const issuer = defineStore({
  kind: "issuer",
  shape: token,
  needs: ["client"],
  share: "1",
  open: () => async (_, context) => {
    const client = await context.need("client");
    if (client.get("id") === "unknown") return denied("invalid_client");
    return { values: { token: "fake-token" }, expiresIn: 3600 };
  },
});
const share = engine({
  seal: "fleet:seal",
  credential: "fleet:engine",
  principal: fromEnv("FLEET_NAME", "batch"),
  connect: () =>
    Deno.env.get("ENGINE_STATE") === "forbidden" ? Deno.connect({ port: 1 }) : setInterval(() => {}, 1_000),
});
const from = (prefix) => ({ env: { prefix } });
export default defineChain({
  stores: { m2m: issuer({ priority: 2, enabled: flag("M2M"), client: "api:client", share }), env: env({ priority: 1 }) },
  credentials: {
    "api:token": { fields: { token: required() }, from: { m2m: true } },
    "api:client": { fields: { id: required() }, from: from("CLIENT_") },
    "fleet:seal": { fields: { key: required() }, from: from("SEAL_") },
    "fleet:engine": { fields: { url: required() }, from: from("ENGINE_") },
  },
});
`;

const ON = { M2M: "1", CLIENT_ID: "app", SEAL_KEY: SEAL, ENGINE_URL: "rediss://fake-user:fake-word@cache.example" };

/** Runs a command with that chain, and sees to it that no value is printed. */
async function runShared(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  const directory = makeDirectory();
  try {
    Deno.writeTextFileSync(`${directory.path}/chain.config.ts`, CHAIN);
    const result = await runCli(args, { cwd: directory.path, env });
    const { out, err } = result;
    assertFalse(/fake-|cache\.example/.test(out + err) || (out + err).includes(SEAL), out + err);
    assertEquals([err, tooWide(out)], ["", []]);
    return result;
  } finally {
    directory.remove();
  }
}

Deno.test("describe asks no engine, and says what a store that shares needs before it can be switched on", async () => {
  const off = await runShared(["describe"], {});
  assertMatch(off.out, /^ {2}m2m +M2M=true, api:client, fleet:seal, and fleet:engine$/m);
  assertMatch(off.out, /^ {2}off {2}m2m +issuer {2}2 {2}share: memory; principal: FLEET_NAME$/m);
  const on = await runShared(["describe"], { ...ON, FLEET_NAME: "nightly" });
  assertMatch(
    on.out,
    /^ {2}on {2}m2m +issuer {2}2 {2}share: memory \(not asked yet\); principal: FLEET_NAME\n? +\(set\)$/m,
  );
});

Deno.test("check asks the engine, closes its connection and ends, and explain asks without it", async () => {
  const checked = await runShared(["check"], ON);
  assertEquals(checked.code, 0, checked.out);
  assertMatch(checked.out, /^ {2}ok +api:token +m2m +minted by this process$/m);
  const explained = await runShared(["explain", "api:token", "--live"], ON);
  assertEquals(explained.code, 0);
  assertMatch(explained.out, / m2m +hit +wins +asked without memory$/m);
});

Deno.test("check of a store whose engine is away or refuses exits with 1, though its tokens are obtained without it", async () => {
  const away = await runShared(["check"], { ...ON, ENGINE_STATE: "away" });
  assertEquals(away.code, 1);
  assertMatch(away.out, /^ {2}ok +api:token +m2m +obtained without memory, which is away$/m);
  assertStringIncludes(
    away.out,
    `Problems in the chain
  stores.m2m.share (unshared)
    Cannot share tokens by memory with "fleet:engine": the engine did not
    answer: start it, or correct how it is reached

1 problem
`,
  );
  const refused = await runShared(["check"], { ...ON, ENGINE_STATE: "refused" });
  assertEquals(refused.code, 1);
  assertMatch(refused.out, /^ {2}ok +api:token +m2m +obtained without memory, which refused its\n +credential$/m);
  const forbidden = await runShared(["check"], { ...ON, ENGINE_STATE: "forbidden" });
  assertStringIncludes(
    forbidden.out.replace(/\s+/g, " "),
    ": the runtime does not permit it: needs --allow-net 1 problem",
  );
  const probe = await runShared(["check", "api:token"], { ...ON, ENGINE_STATE: "away" });
  assertEquals(probe.code, 0, "the token is there");
});

Deno.test("check of a weak seal says to correct that, and check of a refused client names neither seal nor engine", async () => {
  const weak = (await runShared(["check"], { ...ON, SEAL_KEY: "d2Vhaw==" })).out.replace(/\s+/g, " ");
  assertStringIncludes(
    weak,
    'error api:token m2m "fleet:seal" is not a seal: expected 32 random bytes or more in base64',
  );
  assertStringIncludes(weak, 'fix Correct "fleet:seal". It is not skipped');
  assertStringIncludes(weak, 'stores.m2m.share (unshared) Cannot share tokens by memory: "fleet:seal" is not a seal');
  const refused = (await runShared(["check"], { ...ON, CLIENT_ID: "unknown" })).out.replace(/\s+/g, " ");
  assertStringIncludes(refused, 'fix Correct "api:client", or what the server grants to it. It is not');
});

Deno.test("a chain that would share what each machine is given itself is refused on the command line, with what to add", async () => {
  const ambient = CHAIN.replace("shape: token,", "shape: token, ambient: true,").replace(
    'principal: fromEnv("FLEET_NAME", "batch"),',
    "",
  );
  const directory = makeDirectory();
  try {
    Deno.writeTextFileSync(`${directory.path}/chain.config.ts`, ambient);
    for (const command of ["describe", "check", "permissions"]) {
      const { code, out, err } = await runCli([command], { cwd: directory.path, env: ON });
      assertEquals([code, out], [2, ""]);
      assertMatch(
        err,
        /^Cannot use the chain:\nstores\.m2m\.share\.principal: Expected a string or a reference that says who "m2m" is/,
      );
    }
  } finally {
    directory.remove();
  }
});
