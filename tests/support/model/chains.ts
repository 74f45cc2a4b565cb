import fc from "npm:fast-check@^4.10.2";
import type { Policy } from "../../../mod.ts";
import type { CredentialDecl, Declaration, FieldDecl, MappingDecl, StoreDecl } from "./declaration.ts";

/** The stores of every random chain: three static ones, and two of tokens, of which the second needs more. */
export const STATIC_STORES = ["s0", "s1", "s2"];
export const TOKEN_STORES = ["t0", "t1"];
export const EXTRA_STORE = "extra";
/** The static store that may need a credential itself. */
const LOCKED_STORE = "s2";
/** The credentials of every random chain; each may need those before it. */
export const KEYS = ["need:client", "need:identity", "a:keys", "b:keys", "c:static"];
/** The names, documents and locators that mappings use. */
export const DOCUMENTS = ["d", "e"];
export const REQUESTS = ["r0", "r1"];

const policy: fc.Arbitrary<Policy | undefined> = fc.constantFrom(undefined, undefined, undefined, "next", "stop");

const storeOptions = fc.record({
  timeout: fc.constantFrom(1_000, 100, 5_000),
  recheck: fc.constantFrom(5_000, Infinity, 1_000, 30_000),
  onIncomplete: policy,
  onDenied: policy,
  onInvalid: policy,
  onUnavailable: policy,
  readsFiles: fc.constantFrom(false, false, true),
  flag: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(undefined, "yes") },
    fc.constantFrom("no", "perhaps"),
  ),
});

const tokenOptions = fc.record({
  advisoryWindow: fc.constantFrom(undefined, undefined, 10_000, 120_000),
  defaultLifetime: fc.constantFrom(undefined, undefined, 60_000),
  onExpired: fc.constantFrom<StoreDecl["onExpired"]>(undefined, undefined, "serve", "next", "stop"),
  binds: fc.boolean(),
  renewsAlone: fc.boolean(),
});

/** The kinds of fields that a credential may have. */
const FIELDS: readonly (readonly [FieldDecl["name"], FieldDecl["presence"]][])[] = [
  [["u", "required"]],
  [["u", "required"], ["p", "optional"]],
  [["u", "required"], ["p", "required"], ["s", "setting"]],
  [["u", "optional"], ["p", "optional"], ["d", "destination"]],
  [["u", "required"], ["s", "setting"], ["d", "destination"]],
];

interface CredentialSeed {
  readonly fields: number;
  readonly checked: readonly boolean[];
  readonly anyOf: boolean;
  readonly defaults: readonly boolean[];
  readonly destinationFrom: readonly boolean[];
  readonly mapped: readonly boolean[];
  readonly mappings: readonly MappingSeed[];
}

interface MappingSeed {
  readonly kind: number;
  readonly document: number;
  readonly resource: number;
  readonly settingsOnly: boolean;
  readonly leavesOut: boolean;
}

const mappingSeed: fc.Arbitrary<MappingSeed> = fc.record({
  kind: fc.constantFrom(0, 1, 2, 2, 3),
  document: fc.nat(1),
  resource: fc.constantFrom(0, 0, 1),
  settingsOnly: fc.nat(9).map((each) => each === 9),
  leavesOut: fc.boolean(),
});

const bits = (length: number) => fc.array(fc.boolean(), { minLength: length, maxLength: length });

const credentialSeed: fc.Arbitrary<CredentialSeed> = fc.record({
  fields: fc.nat(FIELDS.length - 1),
  checked: bits(2),
  anyOf: fc.boolean(),
  defaults: bits(2),
  destinationFrom: bits(3),
  mapped: bits(6),
  mappings: fc.array(mappingSeed, { minLength: 6, maxLength: 6 }),
});

/** What one credential is resolved from: itself, the tokens that it asks for, and what those need. */
export function closureOf(decl: Declaration, key: string): ReadonlySet<string> {
  return new Set([key, ...branchesOf(decl, key).flatMap((branch) => [...branch])]);
}

/** What each store of a credential brings into its closure. */
export function branchesOf(decl: Declaration, key: string): readonly ReadonlySet<string>[] {
  const { from } = decl.credentials.find((credential) => credential.key === key)!;
  return decl.stores.flatMap(({ name, shape, need }) => {
    const mapping = from[name];
    if (!mapping || shape !== "token" && !need) return [];
    const token = shape === "token" ? [`${name} ${mapping.resource}`] : [];
    return [new Set([...token, ...(need ? closureOf(decl, need) : [])])];
  });
}

/** Whether what two credentials have in common is as deep below the one as below the other. */
export function shareAtOneDepth(decl: Declaration, one: string, other: string): boolean {
  const common = closureOf(decl, one).intersection(closureOf(decl, other));
  const depths = (key: string) =>
    depthsOf(decl, key).filter(([each]) => common.has(each)).map(String).toSorted().join();
  return depths(one) === depths(other);
}

/** How far below a credential each part of its closure is, on every way. */
function depthsOf(decl: Declaration, key: string, depth = 0): readonly (readonly [each: string, depth: number])[] {
  const { from } = decl.credentials.find((credential) => credential.key === key)!;
  const below = decl.stores.filter(({ name }) => from[name]).flatMap(({ name, shape, need }) => [
    ...(shape === "token" ? [[`${name} ${from[name]!.resource}`, depth + 1] as const] : []),
    ...(need ? depthsOf(decl, need, depth + 1) : []),
  ]);
  return [[key, depth], ...below];
}

/** Random chains in which token stores need credentials that other token stores give. */
export const declarations: fc.Arbitrary<Declaration> = fc.record({
  shapes: fc.array(fc.constantFrom("variables" as const, "document" as const), { minLength: 4, maxLength: 4 }),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }),
  options: fc.array(storeOptions, { minLength: 6, maxLength: 6 }),
  tokens: fc.array(tokenOptions, { minLength: 2, maxLength: 2 }),
  needs: bits(2),
  staticNeed: fc.nat(4).map((each) => each === 4),
  credentials: fc.array(credentialSeed, { minLength: KEYS.length, maxLength: KEYS.length }),
  defaults: fc.constantFrom<Declaration["defaults"]>("allow", "allow", "allow", "forbid", "flag"),
  random: fc.constantFrom(0, 0.5, 0.999),
}).map(({ shapes, order, options, tokens, needs, staticNeed, credentials, defaults, random }) => {
  const names = [...STATIC_STORES, ...TOKEN_STORES, EXTRA_STORE];
  const stores = names.map((name, at): StoreDecl => {
    const isToken = TOKEN_STORES.includes(name);
    const { readsFiles, ...rest } = options[at]!;
    const own = { name, priority: order[at]! + 1, ...rest };
    const isLocked = staticNeed && name === LOCKED_STORE;
    // Hint: a document is one look-up, and no rule says in which order several of one instant get their need.
    if (isLocked) return { ...own, shape: "document", readsFiles, need: KEYS[0] };
    if (!isToken) return { ...own, shape: shapes[at % 4]!, readsFiles };
    const index = at - STATIC_STORES.length;
    const need = needs[index] ? index === 0 ? KEYS[0] : KEYS[1] : index === 0 ? undefined : KEYS[0];
    return { ...own, shape: "token", need, ...tokens[index]! };
  });
  const all = credentials.map((seed, at) => credentialOf(seed, at, stores));
  const extra = stores.at(-1)!;
  return {
    stores: stores.slice(0, -1),
    credentials: all.map((each) => ({ ...each, from: without(each.from, extra.name) })),
    defaults,
    random,
    extra: {
      store: extra,
      from: Object.fromEntries(all.flatMap(({ key, from }) => from[extra.name] ? [[key, from[extra.name]!]] : [])),
    },
  };
});

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const { [name]: _, ...rest } = record;
  return rest;
}

function credentialOf(seed: CredentialSeed, at: number, stores: readonly StoreDecl[]): CredentialDecl {
  const key = KEYS[at]!;
  const fields = FIELDS[seed.fields]!.map(([name, presence], index): FieldDecl => ({
    name,
    presence,
    checked: presence !== "destination" && seed.checked[index % 2]!,
    default: defaultOf(presence, seed.defaults),
    from: presence === "destination" ? STATIC_STORES.filter((_, at) => seed.destinationFrom[at]) : [],
  }));
  const isOptional = seed.fields === 3;
  const from: Record<string, MappingDecl> = {};
  for (const [index, store] of stores.entries()) {
    // Hint: only the later credentials may use a token store, since it needs the earlier ones.
    const mayMap = store.shape === "token" ? at > (store.name === "t0" ? 0 : 1) && at < 4 : !store.need || at > 0;
    const isWanted = seed.mapped[index]! || index === at % STATIC_STORES.length || store.name === `t${at - 1}`;
    if (mayMap && isWanted) from[store.name] = mappingOf(seed.mappings[index]!, at, store, fields);
  }
  return { key, fields, anyOf: isOptional && seed.anyOf ? ["u", "p"] : [], from };
}

function defaultOf(presence: FieldDecl["presence"], [setting, destination]: readonly boolean[]): string | undefined {
  if (presence === "setting") return setting ? "v by default" : undefined;
  return presence === "destination" && destination ? "https://default.example" : undefined;
}

function mappingOf(seed: MappingSeed, at: number, { shape }: StoreDecl, fields: readonly FieldDecl[]): MappingDecl {
  const identity = fields.filter(({ presence }) => presence === "required" || presence === "optional");
  const settings = fields.filter((field) => !identity.includes(field));
  if (shape === "token") {
    const mayLeaveOut = ({ presence }: FieldDecl) => presence === "optional" && seed.leavesOut && identity.length > 1;
    const named = identity.filter((field, index) => index === 0 || !mayLeaveOut(field));
    const isExtra = (name: string) => name === "p" && seed.kind === 3;
    const withP = named.some(({ name }) => isExtra(name)) ? { p: "v with" } : undefined;
    return {
      names: Object.fromEntries(named.filter(({ name }) => !isExtra(name)).map(({ name }) => [name, [`t_${name}`]])),
      with: withP,
      resource: REQUESTS[seed.resource]!,
    };
  }
  const mapped = seed.settingsOnly && settings.length > 0
    ? settings
    : seed.leavesOut
    ? fields.filter(({ presence }) => presence === "required" || presence === "optional")
    : fields;
  const locate = shape === "variables" ? variableNames : locatorsOf;
  return {
    names: Object.fromEntries(mapped.map(({ name }) => [name, locate(name, seed.kind, at)])),
    ...(shape === "document" && { document: DOCUMENTS[seed.document]! }),
  };
}

function variableNames(field: string, kind: number): readonly string[] {
  return [[`x_${field}`], [`y_${field}`], [`x_${field}`, `y_${field}`], [`y_${field}`, `x_${field}`]][kind]!;
}

function locatorsOf(field: string, kind: number, at: number): readonly string[] {
  if (kind === 0) return [field];
  if (kind === 1) return [field, `/alt/${field}`];
  if (kind === 2) return [`/c${at}/${field}`];
  return field === "u" ? ["{a}:{b}"] : [field];
}
