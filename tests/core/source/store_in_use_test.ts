import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  denied,
  env,
  file,
  flag,
  fromEnv,
  invalid,
  memory,
  required,
  token,
  variables,
} from "../../../mod.ts";
import { explain } from "../../../src/report/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const DISK = { "/state/db.json": '{"user":"minted"}', "/other/db.json": '{"user":"another"}' };

function fileBeforeEnv(variablesOfHost: Record<string, unknown>, enabled: boolean | "FLAG" = true) {
  return smallChain(
    {
      file: file({
        priority: 200,
        enabled: enabled === "FLAG" ? flag("FLAG") : enabled,
        directory: fromEnv("STATE_DIR"),
      }),
      env: env({ priority: 100 }),
    },
    { file: "db.json", env: { prefix: "DB_" } },
    { env: variablesOfHost, files: { ...DISK } },
  );
}

Deno.test("a variable that is set after the first resolve counts at the next one, and a store that is open stays so", async () => {
  const { host, resolver } = fileBeforeEnv({ DB_USER: "seed" });
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message], ["invalid", 'Cannot resolve "db:basic": "file" is invalid: STATE_DIR is not set']);
  assertEquals(resolver.describe().stores[0]!.reason, "STATE_DIR is not set");
  host.env.STATE_DIR = "/state";
  const credential = await resolver.resolve("db:basic");
  assertEquals([credential.source, credential.get("user")], ["file", "minted"]);
  assertEquals(resolver.describe().stores[0]!.state, "on");
  host.env.STATE_DIR = "/other";
  await host.clock.advance(2_000);
  assertStrictEquals(await resolver.resolve("db:basic"), credential);
});

Deno.test("a variable that is set after describe() or explain() counts for the first resolve", async () => {
  const { host, resolver } = fileBeforeEnv({ DB_USER: "seed" });
  assertEquals(resolver.describe().stores[0]!.state, "invalid");
  assertEquals((await explain(resolver, "db:basic")).error, "invalid");
  host.env.STATE_DIR = "/state";
  assertEquals((await explain(resolver, "db:basic")).source, "file");
  assertEquals((await resolver.resolve("db:basic")).source, "file");
});

Deno.test("a flag that could not be read counts once it can be, and one that is off stays off", async () => {
  const { host, resolver } = fileBeforeEnv({ STATE_DIR: "/state", DB_USER: "seed", FLAG: "maybe" }, "FLAG");
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "invalid");
  host.env.FLAG = "off";
  assertEquals((await resolver.resolve("db:basic")).source, "env");
  host.env.FLAG = "on";
  resolver.invalidate("db:basic");
  assertEquals((await resolver.resolve("db:basic")).source, "env");
});

Deno.test("a variable that may not be read is denied until the permission is there", async () => {
  let allowed = false;
  const chain = defineChain({
    stores: { file: file({ priority: 200, directory: fromEnv("STATE_DIR") }), env: env({ priority: 100 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { file: "db.json", env: { prefix: "DB_" } } } },
  });
  const variable = (name: string) => {
    if (name !== "STATE_DIR") return undefined;
    if (!allowed) throw Object.assign(new Error("no"), { name: "NotCapable" });
    return "/state";
  };
  const resolver = createResolver(chain, { ...testHost({ files: { ...DISK } }), env: variable });
  const { code, message } = await rejection(resolver.resolve("db:basic", { default: { user: "seed" } }));
  assertEquals([code, message.includes("needs --allow-env=STATE_DIR")], ["denied", true]);
  allowed = true;
  assertEquals((await resolver.resolve("db:basic")).source, "file");
});

Deno.test("a variable whose reading fails for a moment degrades what a lower store gives, for seconds alone", async () => {
  const { host, chain } = fileBeforeEnv({ DB_USER: "seed" });
  let fails = true;
  const variable = (name: string) => {
    if (name !== "STATE_DIR") return host.env[name];
    if (fails) throw new Error("away");
    return "/state";
  };
  const resolver = createResolver(chain, { ...host, env: variable });
  const first = await resolver.resolve("db:basic");
  assertEquals([first.source, first.degraded], ["env", true]);
  fails = false;
  await host.clock.advance(5_001);
  const second = await resolver.resolve("db:basic");
  assertEquals([second.source, second.degraded], ["file", false]);
});

for (
  const [what, fail, detail] of [
    ["threw", () => {
      throw new Error("not shown");
    }, "its open() threw: fix the store's code"],
    ["refused", () => invalid("not configured"), "not configured"],
    ["was denied", () => denied("needs a key"), "needs a key"],
  ] as const
) {
  Deno.test(`a store whose open() ${what} is opened again at the next walk, and then stays open`, async () => {
    let opened = 0;
    const own = defineStore({
      kind: "own",
      shape: variables,
      local: true,
      open: () => ++opened === 1 ? fail() : () => "reader",
    });
    const { resolver, host } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } });
    const { message } = await rejection(resolver.resolve("db:basic"));
    assertEquals(message.includes(detail), true, message);
    assertEquals((await resolver.resolve("db:basic")).get("user"), "reader");
    await host.clock.advance(10_000);
    await resolver.resolve("db:basic");
    resolver.describe();
    assertEquals(opened, 2);
  });
}

Deno.test("a reference in a mapping that could not be read is read again with the token that is held", async () => {
  let asked = 0;
  const issuer = defineStore({
    kind: "issuer",
    shape: token,
    local: true,
    open: () => () => ({ values: { token: `t${++asked}` }, expiresIn: 3_600_000 }),
  });
  const chain = defineChain({
    stores: { issuer: issuer({ priority: 1 }) },
    credentials: {
      "trino:basic": {
        fields: { user: required(), token: required() },
        from: { issuer: { fields: { token: "token" }, with: { user: fromEnv("TRINO_USER") } } },
      },
    },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  assertEquals((await rejection(resolver.resolve("trino:basic"))).code, "invalid");
  host.env.TRINO_USER = "runtime";
  const credential = await resolver.resolve("trino:basic");
  assertEquals([credential.get("user"), credential.get("token"), asked], ["runtime", "t1", 1]);
});

Deno.test("a credential whose need could not be read is resolved once the need's own variable is set", async () => {
  const issuer = defineStore({
    kind: "issuer",
    shape: token,
    needs: ["client"],
    open: () => async (_request, { need }) => ({ values: { token: `for ${(await need("client")).get("user")}` } }),
  });
  const chain = defineChain({
    stores: {
      issuer: issuer({ priority: 3, client: "m2m:client" }),
      file: file({ priority: 2, directory: fromEnv("STATE_DIR") }),
      memory: memory({ priority: 1, values: {} }),
    },
    credentials: {
      "m2m:client": { fields: { user: required() }, from: { file: "db.json" } },
      "trino:basic": { fields: { token: required() }, from: { issuer: true, memory: { prefix: "" } } },
    },
  });
  const host = testHost({ files: { ...DISK } });
  const resolver = createResolver(chain, host);
  assertEquals((await rejection(resolver.resolve("trino:basic"))).code, "invalid");
  host.env.STATE_DIR = "/state";
  assertEquals((await resolver.resolve("trino:basic")).get("token"), "for minted");
});
