/** What is at one member of a document, by JSON Pointer without its first slash. */
export type Members = Readonly<Record<string, string>>;

/** What a document is. */
export type DocumentState = undefined | "empty" | "null" | "array" | "foreign" | Members;

/** How a store answers at present. */
export type Mode =
  | "well"
  | "denied"
  | "denies its need"
  | "invalid"
  | "in the middle of a change"
  | "unavailable"
  | "asks to retry later"
  | "hangs"
  | "has nothing"
  | "throws";

/** What is outside of the resolvers: the answers of one store. */
export interface StoreWorld {
  mode: Mode;
  /** How long an answer takes; 0 is at once. */
  latency: number;
  /** Of `Retry-After`. */
  retryAfter: number;
  readonly variables: Record<string, string | undefined>;
  readonly documents: Record<string, DocumentState>;
  /** How long its static answers are valid, if it says so. */
  goodFor: number | undefined;
  /** The `expires_in` of its tokens. */
  expiresIn: unknown;
  /** Whether its tokens say when they expire, beside a lifetime that does not count. */
  saysWhen: boolean;
  /** Whether it gives the same token again. */
  repeats: boolean;
  /** The members that its tokens lack. */
  lacks: readonly string[];
  /** The values of its need that it refuses. */
  readonly refuses: Set<string>;
  /** Counts the changes of its mode, of which the last was at this time. */
  changes: number;
  changedAt: number;
}

/** The stores of a world by name, and the text of the flag that forbids defaults. */
export interface World {
  readonly stores: Record<string, StoreWorld>;
  forbid: string | undefined;
}

/** What a look-up says. */
export type Said =
  | { readonly outcome: "value"; readonly value: unknown; readonly expiresAt?: number }
  | { readonly outcome: "nothing" }
  | {
    readonly outcome: "denied" | "invalid" | "unavailable";
    readonly detail: string;
    readonly retryAfter?: number;
    readonly transient?: true;
    readonly thrown?: true;
    readonly need?: "credential";
  };

/** A token as a look-up says it. */
export interface SaidToken {
  readonly values: Readonly<Record<string, string>>;
  readonly expiresIn: unknown;
  readonly expiresAt?: number;
}

/** The members that tokens have. */
export const TOKEN_MEMBERS = ["t_u", "t_p"];

/** How long a change takes: less, or more, than a store is read again. */
const CHANGE_MS = [120, 400];

/** One of the two that look at a world: the engine or its model. It counts for itself, and records what it asked. */
export class Side {
  readonly #world: World;
  /** What was asked, in order: the store, the name, and why. */
  readonly asked: string[] = [];
  readonly #serials = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  record(store: string, what: string, reason = ""): void {
    this.asked.push(`${store} ${what} ${reason}`.trim());
  }

  latencyOf(store: string): number {
    const { mode, latency } = this.#world.stores[store]!;
    return mode === "hangs" ? Infinity : latency;
  }

  /** What a store says, given the value of its need. */
  say(store: string, what: string, shape: string, now: number, needed?: string): Said {
    const state = this.#world.stores[store]!;
    const refusal = this.#refusal(state, now, needed);
    if (refusal) return refusal;
    if (shape === "token") return { outcome: "value", value: this.#token(store, what, state, now, needed) };
    const value = shape === "variables" ? state.variables[what] : documentOf(state.documents[what]);
    if (value === undefined) return { outcome: "nothing" };
    return { outcome: "value", value, ...(state.goodFor !== undefined && { expiresAt: now + state.goodFor }) };
  }

  #refusal(state: StoreWorld, now: number, needed = ""): Said | undefined {
    const { mode, retryAfter, changes, changedAt } = state;
    const detail = `${mode} ${changes}`;
    if (mode === "denied") return { outcome: "denied", detail };
    if (mode === "denies its need" || state.refuses.has(needed)) {
      return { outcome: "denied", detail: `refuses its need`, need: "credential" };
    }
    if (mode === "invalid") return { outcome: "invalid", detail };
    if (mode === "unavailable") return { outcome: "unavailable", detail };
    if (mode === "asks to retry later") return { outcome: "unavailable", detail, retryAfter };
    if (mode === "has nothing") return { outcome: "nothing" };
    if (mode === "throws") return { outcome: "invalid", detail: "its look-up threw", thrown: true };
    const isChanging = mode === "in the middle of a change" && now < changedAt + CHANGE_MS[changes % 2]!;
    return isChanging ? { outcome: "invalid", detail, transient: true } : undefined;
  }

  #token(store: string, what: string, state: StoreWorld, now: number, needed = ""): SaidToken {
    const { expiresIn, repeats, lacks, saysWhen } = state;
    const name = `${store} ${what}`;
    const serial = (this.#serials.get(name) ?? 0) + (repeats ? 0 : 1);
    this.#serials.set(name, serial);
    const members = TOKEN_MEMBERS.filter((member) => !lacks.includes(member));
    const values = Object.fromEntries(members.map((member) => [member, `v ${name} ${serial} ${needed}`]));
    return { values, expiresIn, ...(saysWhen && { expiresAt: now + Number(expiresIn) * 2_000 }) };
  }
}

/** Builds a document. */
function documentOf(state: DocumentState): unknown {
  if (state === undefined) return undefined;
  if (state === "empty") return {};
  if (state === "null") return null;
  if (state === "array") return [1];
  if (state === "foreign") return { accessKey: "v" };
  const document: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(state)) {
    const names = path.split("/");
    const last = names.pop()!;
    const parent = names.reduce((at, name) => (at[name] ??= {}) as Record<string, unknown>, document);
    parent[last] = value;
  }
  return document;
}
