import { defineChain, defineStore, env, file, type Refusal, required, type Resolver, token } from "../../mod.ts";
import { defineEngine } from "../../src/share/define/define_engine.ts";
import { VALUES } from "./values.ts";

/** The key of the credential that every row resolves. */
export const KEY = "polaris:oauth";
/** Its values, as environment variables. */
export const VARIABLES = { BENCH_CLIENT_ID: VALUES.client_id, BENCH_CLIENT_SECRET: VALUES.client_secret };

const LIFETIME_S = 3_600;

const fields = { client_id: required(), client_secret: required() };

/** The fields of a row's credential. */
export type BenchFields = { readonly [KEY]: typeof fields };
/** A resolver of a row's chain. */
export type BenchResolver = Resolver<BenchFields>;

/** Returns prefixes of variables, of which only the last has the values. */
export function prefixes(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => at === count - 1 ? "BENCH_" : `BENCH_ABSENT${at}_`);
}

/** Creates a chain of env stores, one for each prefix, in the order asked. */
export function envChain(prefixes: readonly string[]) {
  const names = prefixes.map((_, at) => `store${at}`);
  return defineChain({
    stores: Object.fromEntries(names.map((name, at) => [name, env({ priority: names.length - at })])),
    credentials: {
      [KEY]: { fields, from: Object.fromEntries(names.map((name, at) => [name, { prefix: prefixes[at]! }])) },
    },
  });
}

/** Creates a chain of one document. */
export function fileChain(directory: string, document: string) {
  return defineChain({
    stores: { file: file({ priority: 100, directory }) },
    credentials: { [KEY]: { fields, from: { file: document } } },
  });
}

/** Creates a chain of one token store, which shares its tokens by a register in memory. */
export function sharingChain() {
  const texts = new Map<string, string>();
  const memory = defineEngine({
    kind: "memory",
    open: () => ({
      get: (name) => Promise.resolve({ now: Date.now(), text: texts.get(name), version: texts.get(name) }),
      swap: (name, before, text) => {
        const isLatest = texts.get(name) === before;
        if (isLatest) texts.set(name, text);
        return Promise.resolve(isLatest ? text : undefined);
      },
    }),
  });
  const mint = defineStore({
    kind: "minting",
    shape: token,
    share: "1",
    open: () => () => ({ values: VALUES, expiresIn: LIFETIME_S }),
  });
  return defineChain({
    stores: {
      mint: mint({ priority: 100, share: memory({ seal: "bench:seal" }) }),
      env: env({ priority: 50 }),
    },
    credentials: {
      [KEY]: { fields, from: { mint: true as const } },
      "bench:seal": { fields: { key: required() }, from: { env: { prefix: "BENCH_SEAL_" } } },
    },
  });
}

/**
 * Creates a chain of one token store, whose tokens last an hour.
 *
 * @param request Makes the request for a token, and may refuse it.
 */
export function mintingChain(request: () => void | Refusal | Promise<void> = () => {}) {
  const mint = defineStore({
    kind: "minting",
    shape: token,
    open: () => () => {
      const answer = { values: VALUES, expiresIn: LIFETIME_S };
      const pending = request();
      return pending instanceof Promise ? pending.then(() => answer) : pending ?? answer;
    },
  });
  return defineChain({
    stores: { mint: mint({ priority: 100 }) },
    credentials: { [KEY]: { fields, from: { mint: true as const } } },
  });
}
