import { createResolver, defineChain, defineStore, env, file, required, token } from "../../mod.ts";
import { awaited, type Row, sync } from "./measure.ts";

const KEY = "polaris:oauth";
const fields = { client_id: required(), client_secret: required() };
const variables: Record<string, string> = { BENCH_CLIENT_ID: "reader", BENCH_CLIENT_SECRET: "not-a-secret" };
const host = { env: variables };

/** The rows of the speed table that need no file. */
export async function rows(directory: string): Promise<Row[]> {
  return [
    await warm("warm resolve, can expire", minting()),
    await warm("warm resolve, can not expire", envAlone()),
    await peeking("peek, can expire", minting()),
    await peeking("peek, can not expire", envAlone()),
    coldFromEnv(directory),
    coldFromFile(directory),
    await lastOfMany(),
    await flat(1000),
  ];
}

function envAlone() {
  return defineChain({
    stores: { env: env({ priority: 100 }) },
    credentials: { [KEY]: { fields, from: { env: { prefix: "BENCH_" } } } },
  });
}

function minting() {
  const mint = defineStore({
    kind: "minting",
    shape: token,
    open: () => () => ({ values: { client_id: "reader", client_secret: "not-a-secret" }, expiresIn: 3600 }),
  });
  return defineChain({
    stores: { mint: mint({ priority: 100 }) },
    credentials: { [KEY]: { fields, from: { mint: true as const } } },
  });
}

async function warm(what: string, chain: Parameters<typeof createResolver>[0]): Promise<Row> {
  const resolver = createResolver(chain, host);
  const credential = await resolver.resolve(KEY);
  const map = new Map<string, { credential: unknown; expiresAt: number }>();
  map.set(KEY, { credential, expiresAt: credential.expiresAt ?? 0 });
  const plain = new Map<string, unknown>([[KEY, credential]]);
  const checked = (key: string) => {
    const entry = map.get(key)!;
    return Promise.resolve(Date.now() < entry.expiresAt ? entry.credential : undefined);
  };
  const unchecked = (key: string) => Promise.resolve(plain.get(key));
  const floor = credential.expiresAt ? () => awaitOf(checked) : () => awaitOf(unchecked);
  return { what, bar: 1.3, subject: awaited(() => resolver.resolve(KEY)), floor: awaited(floor) };

  function awaitOf(get: (key: string) => unknown) {
    return get(KEY);
  }
}

async function peeking(what: string, chain: Parameters<typeof createResolver>[0]): Promise<Row> {
  const resolver = createResolver(chain, host);
  const credential = await resolver.resolve(KEY);
  const map = new Map([[KEY, { credential, expiresAt: credential.expiresAt ?? 0 }]]);
  const plain = new Map([[KEY, credential]]);
  const checked = () => {
    const entry = map.get(KEY)!;
    return Date.now() < entry.expiresAt ? entry.credential : undefined;
  };
  return {
    what,
    bar: 1.5,
    subject: sync(() => resolver.peek(KEY)),
    floor: sync(credential.expiresAt ? checked : () => plain.get(KEY)),
  };
}

function coldFromEnv(directory: string): Row {
  const chain = defineChain({
    stores: {
      first: file({ priority: 300, directory: `${directory}/none` }),
      second: env({ priority: 200 }),
      env: env({ priority: 100 }),
    },
    credentials: {
      [KEY]: {
        fields,
        from: { second: { prefix: "ABSENT_" }, env: { prefix: "BENCH_" } },
      },
    },
  });
  const resolver = createResolver(chain, host);
  const read = (name: string) => {
    const value = variables[name];
    return value === undefined || value.trim() === "" ? undefined : value;
  };
  const byHand = () => {
    for (const prefix of ["ABSENT_", "OTHER_", "BENCH_"]) {
      const id = read(`${prefix}CLIENT_ID`);
      const secret = read(`${prefix}CLIENT_SECRET`);
      if (id !== undefined && secret !== undefined) {
        return { source: prefix, get: (name: string) => name === "client_id" ? id : secret };
      }
    }
  };
  return {
    what: "cold resolve from env, after a miss",
    bar: 2,
    subject: awaited(() => {
      resolver.invalidate(KEY);
      return resolver.resolve(KEY);
    }),
    floor: awaited(byHand),
  };
}

function coldFromFile(directory: string): Row {
  const name = "principal.json";
  Deno.writeTextFileSync(
    `${directory}/${name}`,
    JSON.stringify({ client_id: "reader", client_secret: "not-a-secret", note: "x".repeat(120) }),
  );
  const chain = defineChain({
    stores: { file: file({ priority: 100, directory }) },
    credentials: { [KEY]: { fields, from: { file: name } } },
  });
  const resolver = createResolver(chain);
  return {
    what: "cold resolve from a 200-byte JSON file",
    bar: 2,
    subject: awaited(() => {
      resolver.invalidate(KEY);
      return resolver.resolve(KEY);
    }),
    floor: sync(() => JSON.parse(Deno.readTextFileSync(`${directory}/${name}`))),
  };
}

function thousand(stores: number) {
  const names = Array.from({ length: stores }, (_, at) => `store${at}`);
  return defineChain({
    stores: Object.fromEntries(names.map((name, at) => [name, env({ priority: at + 1 })])),
    credentials: {
      [KEY]: {
        fields,
        from: Object.fromEntries(names.map((name, at) => [name, { prefix: at === 0 ? "BENCH_" : `ABSENT${at}_` }])),
      },
    },
  });
}

async function lastOfMany(): Promise<Row> {
  const resolver = createResolver(thousand(1000), host);
  await resolver.resolve(KEY);
  return {
    what: "cold, the last of 1,000 stores (µs)",
    bar: 2,
    subject: awaited(() => {
      resolver.invalidate(KEY);
      return resolver.resolve(KEY);
    }),
    floor: awaited(() => {
      for (let at = 999; at >= 0; at--) {
        const prefix = at === 0 ? "BENCH_" : `ABSENT${at}_`;
        if (variables[`${prefix}CLIENT_ID`]?.trim() && variables[`${prefix}CLIENT_SECRET`]?.trim()) return prefix;
      }
    }),
  };
}

async function flat(stores: number): Promise<Row> {
  const many = createResolver(thousand(stores), host);
  const one = createResolver(envAlone(), host);
  await many.resolve(KEY);
  await one.resolve(KEY);
  return {
    what: `warm resolve among ${stores} stores, against one`,
    bar: 1.1,
    subject: awaited(() => many.resolve(KEY)),
    floor: awaited(() => one.resolve(KEY)),
  };
}
