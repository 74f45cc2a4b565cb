import { defineChain, defineStore, env, file, required, type Resolver, token } from "../../mod.ts";

/** The key of the credential that every row resolves. */
export const KEY = "polaris:oauth";
/** The values of that credential, which are fake. */
export const VALUES = { client_id: "reader", client_secret: "not-a-secret" };
/** The same values, as environment variables. */
export const VARIABLES = { BENCH_CLIENT_ID: VALUES.client_id, BENCH_CLIENT_SECRET: VALUES.client_secret };

const fields = { client_id: required(), client_secret: required() };

/** The fields of a row's credential. */
export type BenchFields = { readonly [KEY]: typeof fields };
/** A resolver of a row's chain. */
export type BenchResolver = Resolver<BenchFields>;

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

/** Creates a chain of one token store, whose tokens last an hour. */
export function mintingChain(request: () => void | Promise<void> = () => {}) {
  const mint = defineStore({
    kind: "minting",
    shape: token,
    open: () => () => {
      const pending = request();
      const answer = { values: VALUES, expiresIn: 3600 };
      return pending ? pending.then(() => answer) : answer;
    },
  });
  return defineChain({
    stores: { mint: mint({ priority: 100 }) },
    credentials: { [KEY]: { fields, from: { mint: true as const } } },
  });
}
