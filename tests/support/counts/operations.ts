import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { COMPILED_COLD, COMPILED_WARM, type Mode } from "./modes.ts";

/** The words of the package that the operations use. */
export type Subject =
  & Pick<
    typeof import("../../../mod.ts"),
    "createResolver" | "defineChain" | "defineStore" | "env" | "file" | "required" | "token"
  >
  // Hint: older sources, which may be counted too, lack it.
  & Partial<Pick<typeof import("../../../src/otel/mod.ts"), "instrument">>;

/** Something that is counted. */
export interface Operation {
  /** What it is called in the table. */
  readonly name: string;
  /** How it is run if a program runs it so often that it is compiled; what runs once is interpreted. */
  readonly mode?: Mode;
  /** Makes what it needs, and returns what is repeated. */
  readonly prepare: (subject: Subject) => () => unknown;
}

const KEY = "polaris:oauth";
const VALUES = { client_id: "reader", client_secret: "not-a-secret" };
const VARIABLES = { COUNTED_CLIENT_ID: VALUES.client_id, COUNTED_CLIENT_SECRET: VALUES.client_secret };
const TWO_MISSES = ["ABSENT_", "OTHER_", "COUNTED_"];
const TEN_STORES = [...Array.from({ length: 9 }, (_, at) => `ABSENT${at}_`), "COUNTED_"];

/** Everything that is counted. */
export const operations: readonly Operation[] = [
  {
    name: "warm resolve",
    mode: COMPILED_WARM,
    prepare: (subject) => warm(subject.createResolver(envChain(subject, TWO_MISSES), { env: VARIABLES })),
  },
  {
    name: "warm resolve of a token",
    mode: COMPILED_WARM,
    prepare: (subject) => warm(subject.createResolver(tokenChain(subject))),
  },
  {
    name: "warm resolve, instrumented",
    mode: COMPILED_WARM,
    prepare: (subject) => {
      const resolver = subject.createResolver(envChain(subject, TWO_MISSES), { env: VARIABLES });
      const add = () => {};
      subject.instrument?.(resolver, {
        meter: {
          createCounter: () => ({ add }),
          createObservableGauge: () => ({ addCallback: add, removeCallback: add }),
        },
      });
      return warm(resolver);
    },
  },
  {
    name: "cold resolve from a record, two misses before",
    mode: COMPILED_COLD,
    prepare: (subject) => cold(subject.createResolver(envChain(subject, TWO_MISSES), { env: VARIABLES })),
  },
  {
    name: "cold resolve from the process, two misses before",
    mode: COMPILED_COLD,
    prepare: (subject) => {
      Object.assign(process.env, VARIABLES);
      return cold(subject.createResolver(envChain(subject, TWO_MISSES)));
    },
  },
  {
    name: "cold resolve from a JSON file",
    prepare: (subject) => cold(subject.createResolver(fileChain(subject))),
  },
  {
    name: "declaring and compiling 10 stores",
    prepare: (subject) => () => subject.createResolver(envChain(subject, TEN_STORES), { env: VARIABLES }),
  },
];

function fields({ required }: Subject) {
  return { client_id: required(), client_secret: required() };
}

/** Creates a chain of env stores, one for each prefix, in the order asked. */
function envChain(subject: Subject, prefixes: readonly string[]) {
  const names = prefixes.map((_, at) => `store${at}`);
  return subject.defineChain({
    stores: Object.fromEntries(names.map((name, at) => [name, subject.env({ priority: names.length - at })])),
    credentials: {
      [KEY]: {
        fields: fields(subject),
        from: Object.fromEntries(names.map((name, at) => [name, { prefix: prefixes[at]! }])),
      },
    },
  });
}

/** Creates a chain of a document in a directory of its own, which is removed when the process ends. */
function fileChain(subject: Subject) {
  const directory = mkdtempSync(`${tmpdir()}/counts_`);
  process.on("exit", () => rmSync(directory, { recursive: true }));
  writeFileSync(`${directory}/principal.json`, JSON.stringify(VALUES));
  return subject.defineChain({
    stores: { file: subject.file({ priority: 100, directory }) },
    credentials: { [KEY]: { fields: fields(subject), from: { file: "principal.json" } } },
  });
}

/** Creates a chain of one token store, whose tokens last an hour. */
function tokenChain(subject: Subject) {
  const open = () => () => ({ values: VALUES, expiresIn: 3_600 });
  const mint = subject.defineStore({ kind: "minting", shape: subject.token, open });
  return subject.defineChain({
    stores: { mint: mint({ priority: 100 }) },
    credentials: { [KEY]: { fields: fields(subject), from: { mint: true as const } } },
  });
}

/** The part of a resolver that is used here. */
interface Resolved {
  invalidate(key: typeof KEY): void;
  resolve(key: typeof KEY): Promise<unknown>;
}

// Hint: not awaited, since the work of the runtime's own microtasks would count too.
function warm(resolver: Resolved): () => unknown {
  return () => resolver.resolve(KEY);
}

function cold(resolver: Resolved): () => unknown {
  return () => {
    resolver.invalidate(KEY);
    return resolver.resolve(KEY);
  };
}
