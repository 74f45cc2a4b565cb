import process from "node:process";
import { operations, type Subject } from "../counts/operations.ts";

/** How often an operation runs: before it is counted, and in each batch that is. */
interface Effort {
  readonly warmUp: number;
  readonly times: number;
}

/** The batches whose bytes are counted: what a runtime does once in a while falls into few of them. */
const BATCHES = 11;

/**
 * Runs one operation in this process: `bytes OPERATION WARM_UP TIMES` prints how many bytes one allocates on the heap, and
 * `instructions …` marks where the batch that is counted begins and ends.
 *
 * @param subject The package.
 * @throws {Error} If there is no such operation, or it does not resolve.
 */
export async function countOperation(subject: Subject): Promise<void> {
  const [what, name, warmUp, times] = process.argv.slice(2);
  const run = operations.find((each) => each.name === name)?.prepare(subject);
  if (!run) throw new Error(`Cannot find the operation "${name}"`);
  await run();
  const effort = { warmUp: Number(warmUp), times: Number(times) };
  if (what === "bytes") console.log(bytesOf(run, effort));
  else markBatch(run, effort);
}

/** Returns how many bytes one run allocates: the median of the batches, less that of batches which do nothing. */
function bytesOf(run: () => unknown, { warmUp, times }: Effort): number {
  repeat(run, warmUp);
  const used = new Float64Array(2 * BATCHES + 2);
  (globalThis as unknown as { gc(): void }).gc();
  for (let at = 0; at <= BATCHES; at++) {
    used[at] = process.memoryUsage().heapUsed;
    repeat(run, times);
  }
  for (let at = BATCHES + 1; at < used.length; at++) used[at] = process.memoryUsage().heapUsed;
  const growth = (from: number) =>
    Array.from({ length: BATCHES }, (_, at) => used[from + at + 1]! - used[from + at]!).sort((a, b) => a - b);
  const median = (sorted: readonly number[]) => sorted[BATCHES >> 1]!;
  return Math.round((median(growth(0)) - median(growth(BATCHES + 1))) / times) || 0;
}

// Hint: its native function is where Callgrind writes what it has counted so far.
function markBatch(run: () => unknown, { warmUp, times }: Effort): void {
  const mask = 0o22;
  repeat(run, warmUp);
  process.umask(mask);
  repeat(run, times);
  process.umask(mask);
}

let last: unknown;

function repeat(run: () => unknown, times: number): void {
  for (let at = 0; at < times; at++) last = run();
  if (last === repeat) throw new Error("Expected any other value");
}
