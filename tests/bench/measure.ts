/** Makes a number of calls, synchronously or asynchronously. */
export type Batch = (times: number) => void | Promise<void>;

/** A row of the table: the package (the subject), its floor, and peers that do the same. */
export interface Row {
  readonly subject: Batch;
  readonly floor: Batch;
  readonly peers?: Readonly<Record<string, Batch>>;
  /** Whether one call is long enough to be timed alone. */
  readonly single?: boolean;
  /** The number of requests that the subject and each peer made for one call, if the row is about that. */
  readonly requests?: () => Readonly<Record<string, number>>;
}

/** The result of one batch of a row. */
export interface Figure {
  /** The median time of a call, in nanoseconds. */
  readonly time: number;
  /** The median of the ratios to the floor in the same round. */
  readonly ratio: number;
  readonly requests?: number;
}

/** How often and how long rows are timed. */
export interface Effort {
  readonly rounds: number;
  /** The minimum duration of one batch, in milliseconds. */
  readonly batch: number;
  /** The duration of the warm-up of each batch, in milliseconds. */
  readonly warmup: number;
}

const EFFORT: Effort = { rounds: 31, batch: 4, warmup: 150 };
/** The number of rounds of a row with `single`. */
const SINGLE_ROUNDS = 11;

/** Measures a row. Every round runs the floor, the subject and each peer in turn, so that load affects all alike. */
export async function measure(row: Row, effort: Effort = EFFORT): Promise<Readonly<Record<string, Figure>>> {
  const batches = { floor: row.floor, subject: row.subject, ...row.peers };
  const rounds = row.single ? Math.min(SINGLE_ROUNDS, effort.rounds) : effort.rounds;
  const times: Record<string, number> = {};
  const samples: Record<string, number[]> = {};
  for (const [name, batch] of Object.entries(batches)) {
    times[name] = row.single ? 1 : await calibrate(batch, effort);
    samples[name] = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, batch] of Object.entries(batches)) samples[name]!.push(await time(batch, times[name]!));
  }
  const requests = row.requests?.() ?? {};
  return Object.fromEntries(
    Object.entries(samples).map(([name, each]) => [name, {
      time: median(each),
      ratio: median(each.map((one, round) => one / samples.floor![round]!)),
      ...(name in requests ? { requests: requests[name]! } : {}),
    }]),
  );
}

/** Finds how many calls make a batch of the minimum duration, after the warm-up. */
async function calibrate(batch: Batch, { batch: minMs, warmup }: Effort): Promise<number> {
  const start = performance.now();
  for (let times = 1;;) {
    // Hint: the fastest of three, since a slow outlier would make the batch too small.
    const each = Math.min(await time(batch, times), await time(batch, times), await time(batch, times));
    if (each * times < minMs * 1e6) {
      times = Math.max(times * 2, Math.min(times * 100, Math.ceil(minMs * 1e6 / Math.max(each, 1))));
    } else if (performance.now() - start >= warmup) return times;
  }
}

/** Returns the time of a call, in nanoseconds. */
async function time(batch: Batch, times: number): Promise<number> {
  const start = performance.now();
  await batch(times);
  return (performance.now() - start) * 1e6 / times;
}

/** Returns the median. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Creates a batch of a synchronous function. */
export function sync(run: () => unknown): Batch {
  return (times) => {
    for (let at = 0; at < times; at++) consume(run());
  };
}

/** Creates a batch of an asynchronous function. */
export function awaited(run: () => unknown): Batch {
  return async (times) => {
    for (let at = 0; at < times; at++) consume(await run());
  };
}

/** Uses a value, so that no compiler removes the call that made it. */
function consume(value: unknown): void {
  if (value === measure) throw new Error("Expected any other value");
}
