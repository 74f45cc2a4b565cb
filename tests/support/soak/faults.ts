/** What may be wrong with a store. */
export type FaultKind = "down" | "hung" | "throttling" | "denying";

/** A time in which a store is out of order, in milliseconds since the start. */
export interface Fault {
  readonly store: string;
  readonly kind: FaultKind;
  readonly from: number;
  readonly to: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long a throttling store asks clients to stay away. */
export const RETRY_AFTER_MS = 30 * SECOND;
/** How long after a fault its store may still not be asked: by a pause or a `Retry-After`, and a held request's timeout. */
export const MEMORY_MS = 1.1 * RETRY_AFTER_MS + 5 * SECOND;

/** A time without faults, in which what is rotated must be noticed by everything that depends on it. */
export const QUIET = { from: 25 * MINUTE, to: 42 * MINUTE } as const;

/** Plans the faults of some stores: one about every five minutes in each, of up to three minutes. */
export function planFaults(
  stores: readonly string[],
  random: () => number,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Fault[] {
  const kinds = ["down", "hung", "throttling", "denying"] as const;
  return stores.flatMap((store) => {
    const faults: Fault[] = [];
    for (let at = from + random() * 8 * MINUTE; at < to; at += MINUTE + random() * 8 * MINUTE) {
      const kind = kinds[Math.floor(random() * kinds.length)]!;
      const longest = kind === "denying" ? 30 * SECOND : 3 * MINUTE;
      const fault = { store, kind, from: at, to: at + SECOND + random() * longest };
      if (fault.to < QUIET.from || fault.from > QUIET.to) faults.push(fault);
      at = fault.to;
    }
    return faults;
  });
}

/** The faults of an hour, by store, of which those of now are quickly found. */
export class Faults {
  readonly #byStore = new Map<string, readonly Fault[]>();

  constructor(faults: readonly Fault[]) {
    for (const fault of faults) this.#byStore.set(fault.store, [...this.of(fault.store), fault]);
  }

  /** All faults of a store. */
  of(store: string): readonly Fault[] {
    return this.#byStore.get(store) ?? [];
  }

  /** What is wrong with a store at a moment. */
  at(store: string, now: number): FaultKind | undefined {
    return this.of(store).find(({ from, to }) => from <= now && now < to)?.kind;
  }

  /** What was wrong with any of these stores between two moments, or is still remembered. */
  among(stores: readonly string[], since: number, now: number): ReadonlySet<FaultKind> {
    const kinds = new Set<FaultKind>();
    for (const store of stores) {
      for (const { kind, from, to } of this.of(store)) {
        if (from <= now && to + MEMORY_MS >= since) kinds.add(kind);
      }
    }
    return kinds;
  }
}
