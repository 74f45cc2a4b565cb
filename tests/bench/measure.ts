/** One thing to time: a batch of `times` calls, at once or later. */
export type Batch = (times: number) => void | Promise<void>;

/** A row of the table: the subject beside its floor, and beside peers that do the same. */
export interface Row {
  readonly what: string;
  readonly subject: Batch;
  readonly floor: Batch;
  readonly peers?: Readonly<Record<string, Batch>>;
  /** The most that the subject may cost, in floors; for the reader, never asserted. */
  readonly bar: number;
}

/** What a row came to: medians in nanoseconds a call, and the median of the ratios pair by pair. */
export interface Timing {
  readonly what: string;
  readonly bar: number;
  readonly floor: number;
  readonly subject: number;
  readonly ratio: number;
  readonly peers: Readonly<Record<string, number>>;
}

const ROUNDS = 31;
/** How long one batch of the floor is to take, in milliseconds. */
const BATCH = 4;

/** Times a row: every round runs the floor, the subject and each peer in turn, so that all see the same machine. */
export async function measure({ what, bar, floor, subject, peers = {} }: Row): Promise<Timing> {
  const batches: Record<string, Batch> = { floor, subject, ...peers };
  const times: Record<string, number> = {};
  for (const [name, batch] of Object.entries(batches)) times[name] = await calibrate(batch);
  const taken: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, batch] of Object.entries(batches)) {
      (taken[name] ??= []).push(await time(batch, times[name]!));
    }
  }
  return {
    what,
    bar,
    floor: median(taken.floor!),
    subject: median(taken.subject!),
    ratio: median(taken.subject!.map((each, round) => each / taken.floor![round]!)),
    peers: Object.fromEntries(Object.keys(peers).map((name) => [name, median(taken[name]!)])),
  };
}

async function calibrate(batch: Batch): Promise<number> {
  let times = 1;
  for (;;) {
    const each = await time(batch, times);
    if (each * times >= BATCH * 1e6) return times;
    times = Math.max(times * 2, Math.min(times * 100, Math.ceil(BATCH * 1e6 / Math.max(each, 1))));
  }
}

/** Nanoseconds a call. */
async function time(batch: Batch, times: number): Promise<number> {
  const began = performance.now();
  await batch(times);
  return (performance.now() - began) * 1e6 / times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
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

let kept: unknown;

/** Uses a value, so that no compiler leaves out what made it. */
function keep(value: unknown): void {
  if (value === measure) kept = value;
}

/** What was kept; for nobody. */
export function last(): unknown {
  return kept;
}
