/** One thing to time: a batch of `times` calls, at once or later. */
export type Batch = (times: number) => void | Promise<void>;

/** A row of the table: the subject beside its floor, and beside peers that do the same. */
export interface Row {
  readonly subject: Batch;
  readonly floor: Batch;
  readonly peers?: Readonly<Record<string, Batch>>;
  /** Whether one call is long enough to be timed by itself. */
  readonly single?: boolean;
  /** How many requests the subject and each peer made for one call, where that is the point. */
  readonly requests?: () => Readonly<Record<string, number>>;
}

/** What one of a row's batches came to. */
export interface Figure {
  /** The median, in nanoseconds a call. */
  readonly time: number;
  /** The median of the ratios to the floor, round by round. */
  readonly ratio: number;
  readonly requests?: number;
}

/** How thoroughly rows are timed. */
export interface Effort {
  readonly rounds: number;
  /** How long one batch is to take, in milliseconds. */
  readonly batch: number;
  /** How long each batch is run before it is timed, in milliseconds. */
  readonly warmup: number;
}

const EFFORT: Effort = { rounds: 31, batch: 4, warmup: 150 };
/** The rounds of a row whose calls take as long as a request. */
const SINGLE_ROUNDS = 11;

/** Times a row: every round runs the floor, the subject and each peer in turn, so that all see the same machine. */
export async function measure(row: Row, effort: Effort = EFFORT): Promise<Readonly<Record<string, Figure>>> {
  const batches = { floor: row.floor, subject: row.subject, ...row.peers };
  const rounds = row.single ? Math.min(SINGLE_ROUNDS, effort.rounds) : effort.rounds;
  const times: Record<string, number> = {};
  const taken: Record<string, number[]> = {};
  for (const [name, batch] of Object.entries(batches)) {
    times[name] = row.single ? 1 : await calibrate(batch, effort);
    taken[name] = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, batch] of Object.entries(batches)) taken[name]!.push(await time(batch, times[name]!));
  }
  const requests = row.requests?.() ?? {};
  return Object.fromEntries(
    Object.entries(taken).map(([name, each]) => [name, {
      time: median(each),
      ratio: median(each.map((one, round) => one / taken.floor![round]!)),
      ...(name in requests ? { requests: requests[name]! } : {}),
    }]),
  );
}

/** How many calls a batch takes, once the runtime has had the time to compile them. */
async function calibrate(batch: Batch, { batch: enough, warmup }: Effort): Promise<number> {
  const began = performance.now();
  for (let times = 1;;) {
    // The quickest of three, since a process that had to wait for its turn would make the batch too small to be timed.
    const each = Math.min(await time(batch, times), await time(batch, times), await time(batch, times));
    if (each * times < enough * 1e6) {
      times = Math.max(times * 2, Math.min(times * 100, Math.ceil(enough * 1e6 / Math.max(each, 1))));
    } else if (performance.now() - began >= warmup) return times;
  }
}

/** Nanoseconds a call. */
async function time(batch: Batch, times: number): Promise<number> {
  const began = performance.now();
  await batch(times);
  return (performance.now() - began) * 1e6 / times;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A batch of a function that answers at once. */
export function sync(run: () => unknown): Batch {
  return (times) => {
    for (let at = 0; at < times; at++) keep(run());
  };
}

/** A batch of a function whose answer is awaited. */
export function awaited(run: () => unknown): Batch {
  return async (times) => {
    for (let at = 0; at < times; at++) keep(await run());
  };
}

/** Uses a value, so that no compiler leaves out what made it. */
function keep(value: unknown): void {
  if (value === measure) throw new Error("Expected anything but the stopwatch itself");
}
