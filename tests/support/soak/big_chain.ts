import { denied, memory, required, type Store, token, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, type TestClock } from "../../../src/testing/mod.ts";
import { type Faults, RETRY_AFTER_MS } from "./faults.ts";

const SECOND = 1_000;

/** One store of the chain, and how it answers. */
export interface BigStore {
  readonly name: string;
  readonly kind: "static" | "token";
  /** How long its answers are good, in milliseconds: `recheck`, or the lifetime of its tokens. */
  readonly good: number;
  /** The store that has what it needs. */
  readonly above?: BigStore;
  /** The credential that it needs. */
  readonly need?: string;
  /** How often it was asked. */
  asked: number;
}

/** One credential of the chain. */
export interface BigCredential {
  readonly key: string;
  readonly store: BigStore;
  /** What its value begins with. */
  readonly name: string;
  /** Whether a lower store has it too. */
  readonly below: boolean;
}

/** The parts of a chain of 200 credentials, with needs two deep. */
export interface BigChain {
  readonly chain: { readonly stores: Record<string, Store>; readonly credentials: Record<string, object> };
  readonly stores: readonly BigStore[];
  readonly credentials: readonly BigCredential[];
  /** The version of each value of the static stores. */
  readonly versions: Map<string, number>;
}

/** What the stores' answers depend on. */
export interface BigChainDeps {
  readonly clock: TestClock;
  /** Returns the time that has passed, which never goes back. */
  readonly elapsed: () => number;
  readonly faults: () => Faults;
}

/** How long the answers of each static store are good. */
const RECHECKS = [SECOND, 5 * SECOND, 60 * SECOND, Infinity];
/** How many clients there are, each of a token store of its own; they are the first of the static credentials. */
export const CLIENTS = 10;
const SESSION_STORES = 5;

/** Creates the chain. */
export function bigChain(deps: BigChainDeps): BigChain {
  const versions = new Map<string, number>();
  const chain: BigChain["chain"] = { stores: {}, credentials: {} };
  const stores: BigStore[] = [];
  const credentials: BigCredential[] = [];
  let priority = 1_000;
  const addStore = (store: Omit<BigStore, "asked">, create: (counted: BigStore) => (options: object) => Store) => {
    const counted = { ...store, asked: 0 };
    stores.push(counted);
    chain.stores[store.name] = create(counted)({ priority: priority--, ...(store.need && { need: store.need }) });
    return counted;
  };
  const addCredential = (key: string, store: BigStore, name: string, below: boolean) => {
    const mapping = store.kind === "static" ? { fields: { value: name } } : { name, fields: { value: "value" } };
    chain.credentials[key] = {
      fields: { value: required() },
      from: { [store.name]: mapping, ...(below && { below: { prefix: "" } }) },
    };
    credentials.push({ key, store, name, below });
  };
  const statics = RECHECKS.map((good, at) =>
    addStore({ name: `s${at}`, kind: "static", good }, (own) => staticStore(own, versions, deps))
  );
  const tokens = Array.from({ length: CLIENTS }, (_, at) => {
    const above = statics[at % statics.length]!;
    const need = `client:${at}`;
    addCredential(need, above, `secret${at}`, false);
    return addStore(
      { name: `m${at}`, kind: "token", good: (120 + at * 180) * SECOND, above, need },
      (own) => tokenStore(own, deps),
    );
  });
  const sessions = tokens.slice(0, SESSION_STORES).map((above, at) => {
    const need = `login:${at}`;
    addCredential(need, above, `login${at}`, false);
    return addStore(
      { name: `t${at}`, kind: "token", good: (300 + at * 400) * SECOND, above, need },
      (own) => tokenStore(own, deps),
    );
  });
  const all = [...statics, ...tokens, ...tokens, ...sessions];
  for (let at = 0; credentials.length < 200; at++) {
    const store = all[at % all.length]!;
    // Hint: every third pair of credentials asks for the same thing.
    addCredential(`own:${at}`, store, `name${at % 3 ? at : at - at % all.length}`, at % 2 === 0);
  }
  chain.stores.below = memory({ priority: 1, values: { value: "below" } });
  return { chain, stores, credentials, versions };
}

/** Returns a refusal if the store is out of order, otherwise `undefined`. */
function fault(store: BigStore, { elapsed, faults }: BigChainDeps) {
  switch (faults().at(store.name, elapsed())) {
    case "down":
      return unavailable("down");
    case "throttling":
      return unavailable("throttling", { retryAfter: RETRY_AFTER_MS });
    case "denying":
      return denied("refused");
    case "hung":
      return new Promise<never>(() => {});
  }
}

/** Counts a request; what is asked is forgotten, since an hour of that would look like a leak. */
function count(store: BigStore, asked: unknown[]): void {
  asked.length = 0;
  store.asked++;
}

function staticStore(store: BigStore, versions: ReadonlyMap<string, number>, deps: BigChainDeps) {
  const script = scriptedStore({
    shape: variables,
    recheck: store.good,
    answer: async (name) => {
      count(store, script.asked);
      return await fault(store, deps) ?? `${name} ${versions.get(`${store.name} ${name}`) ?? 0}`;
    },
  });
  return script.store as unknown as (options: object) => Store;
}

function tokenStore(store: BigStore, deps: BigChainDeps) {
  let tokens = 0;
  const script = scriptedStore<"token", "need", { readonly name: string }>({
    shape: token,
    needs: ["need"],
    answer: async ({ name }, { need }) => {
      const needed = String((await need("need")).get("value"));
      count(store, script.asked);
      const refused = await fault(store, deps);
      if (refused) return refused;
      return { values: { value: `${name} ${++tokens} of ${needed}` }, expiresIn: store.good / SECOND };
    },
  });
  return script.store as unknown as (options: object) => Store;
}

/** Returns the names of a store and of those that have what it needs. */
export function namesOf(store: BigStore): readonly string[] {
  return store.above ? [store.name, ...namesOf(store.above)] : [store.name];
}
