import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";

/** How many cases each surface gets: 100,000 together. */
export const CASES = {
  "JSON documents": 14_000,
  "JSON values": 11_000,
  locators: 9_000,
  "standard input of persist": 2_000,
  "dotenv files": 12_000,
  "mounted files": 6_000,
  "files named by NAME_FILE": 4_000,
  "files on a disk": 1_000,
  "variables and flags": 6_000,
  "token answers": 7_000,
  "exchange answers": 2_000,
  "issuer metadata": 3_000,
  "STS answers": 6_000,
  "AWS answers": 4_000,
  "machine keys": 2_500,
  "program outputs": 2_500,
  "refused requests": 4_000,
  "private keys": 1_000,
  JWTs: 3_000,
} as const;

/** Something that reads bytes from outside. */
export type Surface = keyof typeof CASES;

/** How long one case may take, in milliseconds. */
const MAX_CASE_MS = 1_000;
/** How long a promise may be awaited that nothing settles. */
const MAX_WAIT_MS = 10_000;

/**
 * Runs the cases of a surface. A failure prints its seed and its path: `FUZZ_SEED` repeats it.
 *
 * @param surface The surface.
 * @param inputs What it reads.
 * @param check Reads one input; throws if a promise of the package is broken.
 */
export async function fuzz<T>(
  surface: Surface,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => void | Promise<void>,
): Promise<void> {
  const seed = Deno.env.get("FUZZ_SEED");
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      ran++;
      // Hint: a machine that is busy with something else is slow once, and a hang is one each time.
      if (await duration(check, input) > MAX_CASE_MS && await duration(check, input) > MAX_CASE_MS) {
        throw new Error(`One case took longer than ${MAX_CASE_MS} ms`);
      }
    }),
    { numRuns: CASES[surface], ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
  assertEquals(ran, CASES[surface]);
}

async function duration<T>(check: (input: T) => void | Promise<void>, input: T): Promise<number> {
  const began = performance.now();
  const pending = check(input);
  if (pending) await within(pending);
  return performance.now() - began;
}

async function within(pending: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("One case never ended")), MAX_WAIT_MS);
  try {
    await Promise.race([pending, promise]);
  } finally {
    clearTimeout(timer);
  }
}
