import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  type Chain,
  createResolver,
  defineChain,
  defineStore,
  env,
  type Fields,
  file,
  flag,
  fromEnv,
  required,
  type Resolver,
  setting,
  type Stores,
  token,
  unavailable,
} from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { LOGIN } from "../../support/fixtures/small_chain.ts";

const HOUR_S = 3_600;
const MINUTE = 60_000;
const KEY = "db:basic";

/** What was asked of a host. */
interface Asked {
  readonly variables: readonly string[];
  /** The names of the files that were read. */
  readonly files: readonly string[];
  readonly clock: number;
  readonly random: number;
}

/** Creates a resolver of one credential on a host that counts what it is asked. */
function counted<S extends Stores, F extends Fields>(
  chain: Chain<S, { readonly [KEY]: F }>,
  variables: Record<string, unknown> = {},
  disk: Record<string, string> = {},
) {
  const { clock, files, ...host } = testHost({ files: disk });
  if (!files) throw new Error("Expected a host with files");
  const asked = { variables: [] as string[], files: [] as string[], clock: 0, random: 0 };
  const text = (path: string) => {
    asked.files.push(path.split("/").at(-1)!);
    return files.text(path);
  };
  const counting = {
    ...host,
    files: { info: files.info, realPath: files.realPath, text },
    clock: { now: () => (asked.clock++, clock.now()), after: clock.after },
    random: () => (asked.random++, 0),
    env: (name: string) => {
      asked.variables.push(name);
      return variables[name];
    },
  };
  const resolver = createResolver(chain, counting) as unknown as Resolver<{ [KEY]: typeof LOGIN }>;
  /** Does something, and returns what that asked of the host. */
  const during = async (act: () => unknown): Promise<Asked> => {
    Object.assign(asked, { variables: [], files: [], clock: 0, random: 0 });
    await act();
    return { ...asked };
  };
  return { resolver, clock, asked, during };
}

/** A chain of env stores, the last of which has the credential. */
function envChain(stores: number, fields: Fields = LOGIN) {
  const names = Array.from({ length: stores }, (_, at) => `store${at}`);
  return defineChain({
    stores: Object.fromEntries(names.map((name, at) => [name, env({ priority: stores - at })])),
    credentials: {
      [KEY]: { fields, from: Object.fromEntries(names.map((name, at) => [name, { prefix: `S${at}_` }])) },
    },
  });
}

const fileChain = defineChain({
  stores: { file: file({ priority: 1, directory: "state" }) },
  credentials: { [KEY]: { fields: LOGIN, from: { file: "db.json" } } },
});
const DISK = { "state/db.json": JSON.stringify({ user: "reader", password: "not-a-secret" }) };

/** A chain of a store whose tokens last an hour, and the number of its requests. */
function tokenChain() {
  const source = { requests: 0, down: false };
  const mint = defineStore({
    kind: "minting",
    shape: token,
    open: () => () => {
      source.requests++;
      return source.down ? unavailable("HTTP 503") : { values: { token: "t" }, expiresIn: HOUR_S };
    },
  });
  const chain = defineChain({
    stores: { mint: mint({ priority: 1 }) },
    credentials: { [KEY]: { fields: { token: required() }, from: { mint: true } } },
  });
  return { source, chain };
}

const VALUES = { S2_USER: "reader", S2_PASSWORD: "not-a-secret" };
const THREE_STORES = ["S0_USER", "S0_PASSWORD", "S1_USER", "S1_PASSWORD", "S2_USER", "S2_PASSWORD"];
const WITH_SETTING = { ...LOGIN, region: setting() };

type Counted = ReturnType<typeof counted>;

/** What is asked of a host whose stores have answered before, unless `first`. */
interface Row {
  readonly what: string;
  readonly host: () => Counted;
  readonly first?: true;
  readonly act: (host: Counted) => unknown;
  readonly asks: Partial<Asked>;
}

const env3 = () => counted(envChain(3), VALUES);
const resolve = ({ resolver }: Counted) => resolver.resolve(KEY);
const again = ({ resolver }: Counted) => {
  resolver.invalidate(KEY);
  return resolver.resolve(KEY);
};

const rows: readonly Row[] = [
  { what: "a warm resolve that cannot expire asks nothing, not even the time", host: env3, act: resolve, asks: {} },
  {
    what: "a thousand warm resolves of a token ask nothing but the time, each once",
    host: () => counted(tokenChain().chain),
    act: async (host) => {
      for (let call = 0; call < 1_000; call++) await resolve(host);
    },
    asks: { clock: 1_000 },
  },
  {
    what: "a warm resolve of a file reads no file, and the time once",
    host: () => counted(fileChain, {}, DISK),
    act: resolve,
    asks: { clock: 1 },
  },
  {
    what: "a cold resolve after two misses reads each variable once, in the order of the stores",
    host: env3,
    first: true,
    act: resolve,
    asks: { variables: THREE_STORES, clock: 1 },
  },
  {
    what: "a resolve of what was invalidated reads each variable once, in the order of the stores",
    host: env3,
    act: again,
    asks: { variables: THREE_STORES, clock: 1 },
  },
  {
    what: "a cold resolve of a file reads it once for all fields",
    host: () => counted(fileChain, {}, DISK),
    first: true,
    act: resolve,
    asks: { files: ["db.json"], clock: 2 },
  },
  {
    what:
      "a setting that the winner lacks is read from the stores below it until one has it, and their identity is not",
    host: () =>
      counted(envChain(4, WITH_SETTING), { S0_USER: "reader", S0_PASSWORD: "not-a-secret", S2_REGION: "here" }),
    first: true,
    act: resolve,
    asks: { variables: ["S0_USER", "S0_PASSWORD", "S0_REGION", "S1_REGION", "S2_REGION"], clock: 1 },
  },
  {
    what: "a setting that a store without the identity was asked for already is not read again",
    host: () => counted(envChain(3, WITH_SETTING), { ...VALUES, S0_REGION: "here" }),
    first: true,
    act: resolve,
    asks: {
      variables: ["S0", "S1", "S2"].flatMap((prefix) =>
        ["USER", "PASSWORD", "REGION"].map((name) => `${prefix}_${name}`)
      ),
      clock: 1,
    },
  },
  {
    what: "peek() of what cannot expire asks nothing",
    host: env3,
    act: ({ resolver }) => resolver.peek(KEY),
    asks: {},
  },
  {
    what: "peek() of a token asks nothing but the time",
    host: () => counted(tokenChain().chain),
    act: ({ resolver }) => resolver.peek(KEY),
    asks: { clock: 1 },
  },
  { what: "describe() asks nothing", host: env3, act: ({ resolver }) => resolver.describe(), asks: {} },
  {
    what: "ten thousand concurrent resolves of a variable read it once",
    host: env3,
    first: true,
    act: (host) => Promise.all(Array.from({ length: 10_000 }, () => resolve(host))),
    asks: { variables: THREE_STORES, clock: 1 },
  },
  {
    what:
      "ten thousand concurrent resolves of a binding that answers later read it once, and the time once for each budget",
    host: () =>
      counted(envChain(1), { S0_USER: { get: () => Promise.resolve("reader") }, S0_PASSWORD: "not-a-secret" }),
    first: true,
    act: (host) => Promise.all(Array.from({ length: 10_000 }, () => resolve(host))),
    asks: { variables: ["S0_USER", "S0_PASSWORD"], clock: 10_006 },
  },
];

for (const { what, host, first, act, asks } of rows) {
  Deno.test(what, async () => {
    const each = host();
    if (!first) await resolve(each);
    const { clock, ...asked } = await each.during(() => act(each));
    const { clock: atMost = 0, ...expected } = asks;
    assertEquals(asked, { variables: [], files: [], random: 0, ...expected });
    assert(clock <= atMost, `read the time ${clock} times, expected ${atMost} at most`);
  });
}

Deno.test("the last of a thousand stores is reached by asking each store once for each field", async () => {
  const host = counted(envChain(1_000), { S999_USER: "reader", S999_PASSWORD: "not-a-secret" });
  const first = await host.during(() => resolve(host));
  const expected = Array.from({ length: 1_000 }, (_, at) => [`S${at}_USER`, `S${at}_PASSWORD`]).flat();
  assertEquals(first.variables, expected);
  assertEquals((await host.during(() => again(host))).variables, expected);
  assert(first.clock < 10, `read the time ${first.clock} times`);
});

Deno.test("declaring and compiling a chain opens no store, and reads no variable and no clock", () => {
  let opened = 0;
  const custom = defineStore({ kind: "custom", shape: token, open: () => (opened++, () => undefined) });
  const chain = defineChain({
    stores: {
      custom: custom({ priority: 3 }),
      file: file({ priority: 2, directory: fromEnv("STATE_DIR"), enabled: flag("USE_FILES") }),
      env: env({ priority: 1, files: true }),
    },
    credentials: { [KEY]: { fields: LOGIN, from: { custom: true, file: "db.json", env: { prefix: "DB_" } } } },
  });
  const { asked } = counted(chain);
  assertEquals([opened, asked], [0, { variables: [], files: [], clock: 0, random: 0 }]);
});

Deno.test("a token source that is down is asked once for a thousand resolves in the renewal window", async () => {
  const { source, chain } = tokenChain();
  const host = counted(chain);
  const held = await resolve(host);
  await host.clock.advance(50 * MINUTE);
  source.down = true;
  const { random } = await host.during(async () => {
    for (let call = 0; call < 1_000; call++) assertStrictEquals(await resolve(host), held);
  });
  assertEquals([source.requests, random], [2, 1]);
});

Deno.test("a binding that answers later is asked for its value once for each resolve, whatever was read before it", async () => {
  let asked = 0;
  const binding = { get: () => Promise.resolve(`${++asked}`) };
  const host = counted(envChain(1), { S0_USER: "reader", S0_PASSWORD: binding });
  assertEquals((await resolve(host)).get("password"), "1");
  assertEquals((await again(host)).get("password"), "2");
});
