/**
 * Measures contenders that do the same work in the same process, after it has checked that they do.
 *
 * @module
 */
import { checkAnswer } from "./values.ts";

/** Makes a number of calls, synchronously or asynchronously. */
export type Batch = (times: number) => void | Promise<void>;

/** What is timed: the package (the subject), its floor, or a peer. */
export interface Contender {
  readonly batch: Batch;
  /** Makes one call, and returns what it gave: that is read before and after the timing. */
  readonly answer: () => unknown;
  /** Is called before each call that is timed alone, and is not timed. */
  readonly prepare?: () => void | Promise<void>;
  /** Returns what the calls since `prepare` cost others. */
  readonly cost?: () => Cost;
}

/** What a call cost others. */
export interface Cost {
  /** The requests that were made. */
  readonly requests: number;
  /** The callers who got an error although the held token was valid. */
  readonly failures?: number;
}

/** A row of the table in this process: the package (the subject), its floor, and what does the same. */
export interface Contest {
  readonly floor: Contender;
  readonly subject: Contender;
  readonly peers?: Readonly<Record<string, Contender>>;
  /** What else a bar compares with. */
  readonly own?: Readonly<Record<string, Contender>>;
  /** Whether one call is long enough to be timed alone. */
  readonly single?: boolean;
}

/** What is known of a contender. */
export interface Figure extends Partial<Cost> {
  /** The time of a call, in nanoseconds: the ratio, times the median time of the floor. */
  readonly time?: number;
  /** The median of the ratios to the floor in the same round. */
  readonly ratio?: number;
  /** The median of the ratios to the package in the same round. */
  readonly toSubject?: number;
  /** The median time that passed, in nanoseconds, if `time` is CPU time. */
  readonly wall?: number;
  /** The size, in bytes. */
  readonly bytes?: number;
}

/** The figures of a row on one runtime, by contender: `floor`, `subject`, or the name of a peer. */
export type Figures = Readonly<Record<string, Figure>>;

/** How often and how long contenders are timed. */
export interface Effort {
  readonly rounds: number;
  /** The rounds of a contest whose calls are timed alone. */
  readonly singleRounds: number;
  /** The minimum duration of one batch, in milliseconds. */
  readonly batch: number;
  /** The duration of the warm-up of each batch, in milliseconds. */
  readonly warmup: number;
}

/** The effort for figures to publish. */
export const FULL: Effort = { rounds: 61, singleRounds: 21, batch: 4, warmup: 150 };
/** The effort for a first impression. */
export const QUICK: Effort = { rounds: 7, singleRounds: 3, batch: 2, warmup: 50 };
/** The effort of a test, which wants to know only that it runs. */
export const ONCE: Effort = { rounds: 1, singleRounds: 1, batch: 0, warmup: 0 };

/**
 * Measures a contest. A round runs every contender in turn, so that load affects all alike, and every other round runs
 * them in the opposite order, so that none always follows the same one.
 *
 * @throws {Error} If a contender gives anything else than the values of the row, before or after it was timed, or makes no
 * request in a row about requests.
 */
export async function measure(contest: Contest, effort: Effort = FULL): Promise<Figures> {
  const { floor, subject, peers, own, single } = contest;
  const contenders = Object.entries({ floor, subject, ...own, ...peers });
  await checkAll(contenders);
  const times: Record<string, number> = {};
  for (const [name, { batch }] of contenders) times[name] = single ? 1 : await calibrate(batch, effort);
  const samples: Record<string, number[]> = Object.fromEntries(contenders.map(([name]) => [name, []]));
  const costs: Record<string, Cost | undefined> = {};
  const order = [...contenders];
  for (let round = 0; round < (single ? effort.singleRounds : effort.rounds); round++) {
    for (const [name, { batch, prepare, cost }] of order) {
      await prepare?.();
      samples[name]!.push(await time(batch, times[name]!));
      costs[name] = worst(costs[name], cost?.());
    }
    order.reverse();
  }
  await checkAll(contenders);
  return Object.fromEntries(contenders.map(([name]) => {
    const toFloor = ratio(samples[name]!, samples.floor!);
    // Hint: medians of single contenders would be of different moments, and may contradict the ratios.
    const time = toFloor * median(samples.floor!);
    return [name, { time, ratio: toFloor, toSubject: ratio(samples[name]!, samples.subject!), ...costs[name] }];
  }));
}

async function checkAll(contenders: readonly (readonly [string, Contender])[]): Promise<void> {
  for (const [name, { answer, prepare, cost }] of contenders) {
    await prepare?.();
    await checkAnswer(name, answer());
    if (cost?.().requests === 0) throw new Error(`Cannot compare "${name}": expected a request, found none`);
  }
}

function worst(one: Cost | undefined, other: Cost | undefined): Cost | undefined {
  return !one || (other && other.requests > one.requests) ? other : one;
}

/** Returns the median of the ratios of samples to others of the same rounds. */
export function ratio(samples: readonly number[], others: readonly number[]): number {
  return median(samples.map((one, round) => one / others[round]!));
}

/** Returns the median. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
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

/**
 * Creates a contender of a synchronous function.
 *
 * @param run One call.
 * @param open Makes an answer to read of what the call returned; without it, that is the answer.
 */
export function sync<T>(run: () => T, open: (result: T) => unknown = (result) => result): Contender {
  return {
    // Hint: the loop is shared, so that no engine inlines a call and moves its work out of the loop.
    batch: (times) => {
      for (let at = 0; at < times; at++) consume(run());
    },
    answer: () => open(run()),
  };
}

/** Creates a contender of an asynchronous function; the parameters are those of {@linkcode sync}. */
export function awaited<T>(run: () => T, open: (result: Awaited<T>) => unknown = (result) => result): Contender {
  return {
    batch: async (times) => {
      for (let at = 0; at < times; at++) consume(await run());
    },
    answer: async () => open(await run()),
  };
}

/** Uses a value, so that no compiler removes the call that made it. */
function consume(value: unknown): void {
  if (value === measure) throw new Error("Expected any other value");
}
