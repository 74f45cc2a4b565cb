import fc from "npm:fast-check@^4.10.2";
import { DOCUMENTS, KEYS, STATIC_STORES, TOKEN_STORES } from "./chains.ts";
import type { DocumentState, Mode, StoreWorld, World } from "./world.ts";

/** A moment at which something changes for a credential, or for a token that it is resolved from. */
export type Moment = "until" | "due" | "mandatory" | "expiry" | "end of the pause" | "end of its keeping";

/** One step of an episode. */
export type Operation =
  | { readonly do: "resolve"; readonly key: string; readonly default: number; readonly budget: number | undefined }
  | { readonly do: "find"; readonly key: string }
  | { readonly do: "abort" }
  | {
    readonly do: "invalidate";
    readonly key: string;
    readonly what: "key" | "current" | "old" | "default";
    readonly asks: boolean;
  }
  | { readonly do: "advance"; readonly ms: number }
  | {
    readonly do: "reach";
    readonly key: string;
    readonly moment: Moment;
    readonly offset: number;
    readonly also: string | undefined;
  }
  | { readonly do: "jump"; readonly ms: number }
  | { readonly do: "variable"; readonly store: string; readonly name: string; readonly value: string | undefined }
  | { readonly do: "document"; readonly store: string; readonly name: string; readonly state: DocumentState }
  | { readonly do: "store"; readonly store: string; readonly change: Partial<StoreWorld> }
  | { readonly do: "refuse"; readonly store: string }
  | { readonly do: "install" }
  | { readonly do: "uninstall" }
  | { readonly do: "forbid"; readonly text: string | undefined };

const ALL_STATIC = [...STATIC_STORES, "extra"];
const ALL = [...ALL_STATIC, ...TOKEN_STORES];
const VARIABLES = ["x", "y"].flatMap((prefix) => ["u", "p", "s", "d"].map((field) => `${prefix}_${field}`));
const PATHS = [
  ..."abupsd",
  "alt/u",
  "alt/p",
  "alt/s",
  ...KEYS.flatMap((_, at) => ["u", "p", "s", "d", "o"].map((field) => `c${at}/${field}`)),
];

const goodValues = fc.constantFrom("v1", "v2", "v3");
const goodAddresses = fc.constantFrom("https://a.example", "https://b.example");
const values = fc.oneof({ weight: 5, arbitrary: goodValues }, fc.constantFrom(" ", "x1", "v\uFFFD"));
const addresses = fc.oneof({ weight: 5, arbitrary: goodAddresses }, fc.constantFrom("v1", " "));

/** A value for a name whose last letter is that of a field. */
function valueOf(name: string): fc.Arbitrary<string> {
  return name.endsWith("d") ? addresses : values;
}

const key = fc.constantFrom(...KEYS, ...KEYS.slice(1, 4));

const variable = fc.constantFrom(...VARIABLES).chain((name) =>
  fc.record({
    do: fc.constant("variable" as const),
    store: fc.constantFrom(...ALL_STATIC),
    name: fc.constant(name),
    value: fc.option(valueOf(name), { nil: undefined, freq: 4 }),
  })
);

const members: fc.Arbitrary<DocumentState> = fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1, maxLength: 8 })
  .chain((paths) => fc.record(Object.fromEntries(paths.map((path) => [path, valueOf(path)]))));

/** A document that has every locator. */
const whole: fc.Arbitrary<DocumentState> = fc.record(
  Object.fromEntries(PATHS.map((path) => [path, path.endsWith("d") ? goodAddresses : goodValues])),
);

const document = fc.record({
  do: fc.constant("document" as const),
  store: fc.constantFrom(...ALL_STATIC),
  name: fc.constantFrom(...DOCUMENTS),
  state: fc.oneof(
    { weight: 4, arbitrary: whole },
    { weight: 3, arbitrary: members },
    fc.constantFrom<DocumentState>(undefined, "empty", "null", "array", "foreign"),
  ),
});

const mode = fc.constantFrom<Mode>(
  "well",
  "well",
  "well",
  "well",
  "well",
  "denied",
  "denies its need",
  "invalid",
  "in the middle of a change",
  "unavailable",
  "unavailable",
  "unavailable",
  "asks to retry later",
  "asks to retry later",
  "hangs",
  "has nothing",
  "throws",
);

const change: fc.Arbitrary<Partial<StoreWorld>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ mode }) },
  { weight: 2, arbitrary: fc.record({ latency: fc.constantFrom(0, 0, 3, 17, 41, 90) }) },
  fc.record({ retryAfter: fc.constantFrom(2_000, 30_000, 120_000, 1_000_000) }),
  fc.record({
    expiresIn: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<unknown>(3_600, 60, undefined, undefined) },
      fc.constantFrom<unknown>(20, 600, "900", 1_200, 5_400, 7_200, 100_000, 0, -5, "soon"),
    ),
  }),
  fc.record({ goodFor: fc.constantFrom(undefined, undefined, 0, 30, 3_000, 60_000) }),
  fc.record({ saysWhen: fc.boolean() }),
  fc.record({ repeats: fc.boolean() }),
  fc.record({ lacks: fc.constantFrom([], [], ["t_p"], ["t_u"], ["t_u", "t_p"]) }),
);

const MILLISECONDS = [
  1,
  20,
  100,
  999,
  1_000,
  3_000,
  5_000,
  15_000,
  30_000,
  60_000,
  300_000,
  900_000,
  3_600_000,
  86_400_000,
];

/** Random steps. */
export const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("resolve" as const),
      key,
      default: fc.constantFrom(0, 0, 0, 1, 2),
      budget: fc.constantFrom(undefined, undefined, undefined, 33, 1_777),
    }),
  },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(...MILLISECONDS) }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant("reach" as const),
      key,
      moment: fc.constantFrom<Moment>("until", "due", "mandatory", "expiry", "end of the pause", "end of its keeping"),
      offset: fc.constantFrom(0, 0, -1, 1),
      also: fc.option(key, { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("find" as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("invalidate" as const),
      key,
      asks: fc.boolean(),
      what: fc.constantFrom("key" as const, "current" as const, "current" as const, "old" as const, "default" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      ms: fc.constantFrom(-1_000, -10, -3_600_000, 7_000, 600_000),
    }),
  },
  { weight: 7, arbitrary: variable },
  { weight: 5, arbitrary: document },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("store" as const),
      store: fc.constantFrom(...ALL, ...TOKEN_STORES, ...TOKEN_STORES),
      change,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("refuse" as const), store: fc.constantFrom(...TOKEN_STORES) }) },
  { weight: 1, arbitrary: fc.constantFrom<Operation>({ do: "install" }, { do: "uninstall" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("forbid" as const),
      text: fc.constantFrom("yes", undefined, "no", "perhaps"),
    }),
  },
);

/** Creates a world in which every store is well, and the first of the static ones has everything. */
export function freshWorld(): World {
  const whole = Object.fromEntries(PATHS.map((path) => [path, path.endsWith("d") ? "https://a.example" : "v1"]));
  const variables = Object.fromEntries(
    VARIABLES.map((name) => [name, name.endsWith("d") ? "https://a.example" : "v1"]),
  );
  const stores = ALL.map((name): [string, StoreWorld] => [name, {
    mode: "well",
    latency: 0,
    retryAfter: name === "t1" ? 120_000 : 30_000,
    variables: name === "s0" ? variables : {},
    documents: name === "s0" ? { d: whole, e: whole } : {},
    expiresIn: name === "t1" ? 60 : 3_600,
    goodFor: undefined,
    saysWhen: false,
    repeats: false,
    lacks: [],
    refuses: new Set(),
    changes: 0,
    changedAt: 0,
  }]);
  return { stores: Object.fromEntries(stores), forbid: undefined };
}
