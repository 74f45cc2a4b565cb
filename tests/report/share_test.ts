import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { parse } from "valibot";
import { createResolver, defineChain, defineStore, denied, env, required, token } from "../../mod.ts";
import {
  check,
  checkSchema,
  descriptionSchema,
  explain,
  explanationSchema,
  lint,
  permissions,
  survey,
} from "../../src/report/mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { testClock, testHost } from "../../src/testing/mod.ts";
import { runCli } from "../support/programs/run_cli.ts";
import { until } from "../support/share/drive.ts";
import { SEAL } from "../support/share/fleet.ts";
import { type Fault, MemoryRegister } from "../support/share/memory_register.ts";
import { ON, sharedChain } from "../support/share/shared_chain.ts";

function setUp() {
  const register = new MemoryRegister(testClock(), 0);
  const share = register.engine()({ seal: "fleet:seal", credential: "fleet:engine" });
  return { register, share, ...sharedChain(share) };
}

Deno.test("library, command line and route say alike how a token is shared, and as their schema has it", async () => {
  const { chain, register } = setUp();
  const [one, other] = [createResolver(chain, testHost({ env: ON })), createResolver(chain, testHost({ env: ON }))];
  assertEquals(one.describe().stores[0]!.share, { engine: "memory", entries: [], minted: 0, received: 0 });
  assertEquals((await one.resolve("api:token")).trace.map(({ shared }) => shared), ["minted"]);
  assertEquals((await other.resolve("api:token")).trace.map(({ shared }) => shared), ["received"]);
  const { stores, credentials } = other.describe();
  const [entry = ""] = stores[0]!.share!.entries;
  assertMatch(entry, /^.{8}$/);
  assertEquals(stores[0]!.share, { engine: "memory", state: "on", entries: [entry], minted: 0, received: 1 });
  assertEquals(one.describe().stores[0]!.share, { ...stores[0]!.share, minted: 1, received: 0 });
  assertFalse("share" in stores[1]!);
  assertEquals(credentials[0]!.last?.trace[0]?.shared, "received");
  assertEquals(parse(explanationSchema, await explain(other, "api:token")).trace[0]?.shared, "received");
  assertEquals(parse(checkSchema, await check(other)).credentials[0], {
    ...{ key: "api:token", ok: true, source: "m2m", shared: "received" },
  });

  const described = JSON.parse(JSON.stringify(other.describe()));
  const app = describeRoute(other, { auth: "none", allowUnauthenticated: true });
  assertEquals(await (await app.request("/")).json(), described);
  await using route = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  const url = `http://127.0.0.1:${route.addr.port}/`;
  const { out } = await runCli(["describe", "--json", "--url", url], { flags: ["--allow-env", "--allow-net"] });
  assertEquals(parse(descriptionSchema, JSON.parse(out)), described);
  await Promise.all([one, other].map((resolver) => resolver[Symbol.asyncDispose]()));
  assertEquals([register.opened, register.closed], [2, 2]);
});

Deno.test("describe and check ask no engine for a store that is off", async () => {
  const { chain, register } = setUp();
  const resolver = createResolver(chain, testHost({ env: { ...ON, M2M: "" } }));
  await survey(resolver);
  const [m2m] = resolver.describe().stores;
  assertEquals([m2m!.state, m2m!.share], ["off", { engine: "memory", entries: [], minted: 0, received: 0 }]);
  assertEquals((await check(resolver)).findings, []);
  assertEquals(register.calls.length, 0);
});

interface Wrong {
  readonly fault?: Fault;
  readonly variables?: Readonly<Record<string, string>>;
}

/** What may be wrong with an engine or a seal, and what check() says of it. */
const WRONG: Readonly<Record<string, readonly [wrong: Wrong, message: RegExp]>> = {
  "an engine that is away": [
    { fault: { refused: new Error("ECONNREFUSED fake-address") } },
    /^Cannot share tokens by memory with "fleet:engine": the engine did not answer: start it, or correct how it is reached$/,
  ],
  "an engine that hangs": [
    { fault: { there: Infinity } },
    /^Cannot share tokens by memory with "fleet:engine": the engine did not answer: /,
  ],
  "an engine that refuses its credential": [
    { fault: { refused: denied("no") } },
    /^Cannot share tokens by memory with "fleet:engine": no: correct its credential, or what the engine grants to it$/,
  ],
  "an engine that answers with something else": [
    { fault: { answer: "fake-answer" } },
    /^Cannot share tokens by memory with "fleet:engine": .*: correct the options of share, or use another engine$/,
  ],
  "a seal that is missing": [
    { variables: { SEAL_KEY: "" } },
    /^Cannot share tokens by memory: needs "fleet:seal": no store has it: /,
  ],
  "a seal that is weak": [
    { variables: { SEAL_KEY: btoa("short") } },
    /^Cannot share tokens by memory: "fleet:seal" .* 32 .*base64/,
  ],
  "an engine's credential that is missing": [
    { variables: { ENGINE_URL: "" } },
    /^Cannot share tokens by memory: needs "fleet:engine": /,
  ],
};

for (const [what, [{ fault, variables }, message]] of Object.entries(WRONG)) {
  Deno.test(`check() finds ${what}, and says what to do`, async () => {
    const { chain, register } = setUp();
    register.fault = () => fault;
    const host = testHost({ env: { ...ON, ...variables } });
    const resolver = createResolver(chain, host);
    const report = parse(checkSchema, await until(host.clock, check(resolver)));
    const found = report.findings.filter(({ rule }) => rule === "unshared");
    assertEquals([report.ok, found.map(({ path }) => path)], [false, ["stores.m2m.share"]]);
    assertMatch(found[0]!.message, message);
    const shown = JSON.stringify(report);
    assertFalse(/fake|not-a-secret|short/.test(shown) || shown.includes(SEAL), shown);
    assertEquals((await check(resolver, ["api:client"])).ok, true, "a probe of other credentials");
  });
}

Deno.test("check() finds nothing in a store that shares, and asks its engine once", async () => {
  const { chain, register } = setUp();
  const resolver = createResolver(chain, testHost({ env: ON }));
  await resolver.resolve("api:token");
  const asked = register.calls.length;
  assertEquals((await check(resolver)).findings, []);
  assertEquals(register.calls.length, asked + 1);
  await check(resolver, ["api:token"]);
  assertEquals(register.calls.length, asked + 1);
});

/** What the engine's credential is, and what is said of it. */
const ADDRESSES: readonly (readonly [fields: Readonly<Record<string, unknown>>, message?: RegExp])[] = [
  ...["redis://fake-user:fake-word@10.0.0.7:6379/0", "REDIS://cache.example", "redis://a@b@cache.example:6379"].map((
    url,
  ) =>
    [
      { url },
      /^Reaches another host over redis: without requiring TLS: use rediss:, or use a proxy on this machine$/,
    ] as const
  ),
  [{ endpoint: "valkey://cache.example" }, /valkey: without requiring TLS: use valkeys:/],
  [{ url: "http://cache.example:8080/?token=fake-word" }, /http: without requiring TLS: use https:/],
  ...["", "?sslmode=prefer", "?sslmode=disable", "?ssl=false", "?application_name=sslmode=require"].map((query) =>
    [{ url: `postgres://u:fake-word@db.example/x${query}` }, /postgres: .*: add sslmode=verify-full/] as const
  ),
  [{ dsn: "postgresql://127.0.0.1:5432,db.example:5432/x" }, /postgresql: /],
  [{ dsn: "postgres:///x?host=db.example" }, /postgres: /],
  [{ host: "cache.example", port: "6379", tls: "false" }, /^Does not require TLS, though host is another host: /],
  [{ hostname: "db.example", sslmode: "prefer" }, /though hostname is another host/],
  ...[
    "rediss://cache.example",
    "redis://localhost:6379",
    "redis://127.0.0.1",
    "redis://[::1]:6379",
    "redis://a.localhost",
  ]
    .map((url) => [{ url }] as const),
  ...["https://cache.example", "http://LOCALHOST:8080", "unix:///run/redis.sock", "cache.example:6379", "memory:"]
    .map((url) => [{ url }] as const),
  ...["require", "verify-ca", "verify-full", "no-verify"]
    .map((mode) => [{ url: `postgres://db.example/x?sslmode=${mode}` }] as const),
  ...["postgres:///x?host=/run/postgresql", "postgres://%2Frun%2Fpostgresql/x", "postgres://db.example/x?ssl=true"]
    .map((url) => [{ url }] as const),
  [{ host: "cache.example", port: "6379" }],
  [{ host: "cache.example", tls: "true" }],
  [{ host: "127.0.0.1", tls: "false" }],
];

Deno.test("lint() of a resolver finds an engine on another host without TLS in its held credential, and prints no value", async () => {
  for (const [fields, message] of ADDRESSES) {
    const names = Object.keys(fields);
    const { share } = setUp();
    const issuer = defineStore({
      kind: "issuer",
      shape: token,
      needs: ["client"],
      share: "1",
      open: () => () => undefined,
    });
    const chain = defineChain({
      stores: {
        m2m: issuer({ priority: 2, client: "api:client", share }),
        env: env({ priority: 1 }),
      },
      credentials: {
        "api:token": { fields: { token: required() }, from: { m2m: true } },
        "api:client": { fields: { url: required() }, from: { env: { prefix: "E_" } } },
        "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "E_" } } },
        "fleet:engine": {
          fields: Object.fromEntries(names.map((name) => [name, required()])),
          from: { env: { prefix: "E_" } },
        },
      },
    });
    const variables = names.map((name) => [`E_${name.toUpperCase()}`, String(fields[name])]);
    const host = testHost({ env: Object.fromEntries(variables) });
    const resolver = createResolver(chain, host);
    assertEquals(lint(resolver), [], "nothing is held, and nothing is asked");
    await resolver.resolve("fleet:engine");
    const found = lint(resolver).filter(({ rule }) => rule === "plaintext");
    assertEquals(found.length, message ? 1 : 0, JSON.stringify([fields, found]));
    if (!message) continue;
    assertMatch(found[0]!.message, message);
    assertEquals(found[0]!.key, "fleet:engine");
    assertEquals(names.some((name) => found[0]!.path === `credentials["fleet:engine"].fields.${name}`), true);
    assertFalse(/fake|example|10\.0/.test(JSON.stringify(found)), JSON.stringify(found));
  }
});

Deno.test("permissions() notes that the host of an engine is to be added, and names every variable that sharing reads", () => {
  const { chain } = setUp();
  const { notes, env } = permissions(chain, { env: ON });
  assertEquals(notes, ['"m2m" shares its tokens by memory: add the host that its connect() reaches to --allow-net']);
  assertEquals(["SEAL_KEY", "ENGINE_URL"].filter((name) => !env.includes(name)), []);
  assertEquals(permissions(chain, { env: {} }).notes, ['"m2m" is off: its permissions are left out']);
});

Deno.test("survey() asks no store that shares, though it is local, since that would connect to its engine", async () => {
  const register = new MemoryRegister(testClock());
  const share = register.engine()({ seal: "fleet:seal" });
  const local = defineStore({
    kind: "local",
    shape: token,
    share: "1",
    local: true,
    open: () => () => ({ values: { token: "not-a-secret" }, expiresIn: 60 }),
  });
  const chain = defineChain({
    stores: {
      local: local({ priority: 2, share }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "api:token": { fields: { token: required() }, from: { local: true } },
      "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "SEAL_" } } },
    },
  });
  const resolver = createResolver(chain, testHost({ env: ON }));
  await survey(resolver);
  assertEquals([register.opened, resolver.describe().credentials[0]!.held], [0, undefined]);
});
