/**
 * What an operation costs, in counts that are the same in every run: the bytes that it allocates, and its instructions.
 *
 * @module
 */
import { rootUrl } from "../closed_network/root.ts";
import { compareFigures, type Figures, type Tolerance } from "../figures.ts";
import { installRuntimes, versions } from "../runtimes/install.ts";
import { bundleOperations } from "./bundle.ts";
import { countBytes, denoRunner, nodeRunner } from "./bytes.ts";
import { countInstructions } from "./instructions.ts";

/** The file of the counts that the tests compare with. */
const COUNTS_FILE = new URL("tests/counts.json", rootUrl);

const NODE = "node-24";
const NODE_NAME = `Node ${versions[NODE]}`;

/** The group of the instructions. */
export const INSTRUCTIONS: string = `instructions on ${NODE_NAME}, x86-64`;
/** The group of the bytes that are allocated on the Deno that runs this. */
export const DENO_BYTES: string = `bytes on Deno ${Deno.version.deno}`;

// Hint: bytes are exact to the byte everywhere; of the instructions a few per cent are those of the C library.
const TOLERANCES = {
  bytes: { share: 0.01, least: 0 },
  instructions: { share: 0.02, least: 0 },
} as const satisfies Record<
  string,
  Tolerance
>;

/**
 * Counts the bytes that the operations allocate on Deno and on Node.
 *
 * @param tree The directory with the sources, with a slash at its end; this repository unless set.
 */
export function measureBytes(tree?: URL): Promise<Figures> {
  return withBundle(tree, async (node, bundle) => {
    const [deno, onNode] = await Promise.all([countBytes(denoRunner, bundle), countBytes(nodeRunner(node), bundle)]);
    return { [DENO_BYTES]: deno, [`bytes on ${NODE_NAME}`]: onNode };
  });
}

/**
 * Counts the instructions of the operations on Node.
 *
 * @param tree The directory with the sources, with a slash at its end; this repository unless set.
 */
export function measureInstructions(tree?: URL): Promise<Figures> {
  return withBundle(tree, async (node, bundle) => ({ [INSTRUCTIONS]: await countInstructions(node, bundle) }));
}

/** Reads the kept counts. */
export function readCounts(): Figures {
  return JSON.parse(Deno.readTextFileSync(COUNTS_FILE));
}

/** Writes the counts to compare with. */
export function writeCounts(counts: Figures): void {
  Deno.writeTextFileSync(COUNTS_FILE, JSON.stringify(counts, null, 2) + "\n");
}

/**
 * Compares counts with the kept ones of the same groups.
 *
 * @param kept The counts to compare with.
 * @param measured The current counts, of some groups.
 * @param unit What is counted.
 * @returns A line for each operation that is new, gone, or costs more or less by more than the tolerance.
 */
export function compareCounts(kept: Figures, measured: Figures, unit: keyof typeof TOLERANCES): string[] {
  const same = Object.fromEntries(Object.entries(kept).filter(([group]) => group in measured));
  return compareFigures(same, measured, unit, TOLERANCES[unit]);
}

async function withBundle(
  tree: URL = rootUrl,
  measure: (node: string, bundle: string) => Promise<Figures>,
): Promise<Figures> {
  const node = `${await installRuntimes()}/${NODE}/bin/node`;
  const directory = Deno.makeTempDirSync({ prefix: "counts_" });
  try {
    const bundle = `${directory}/operations.mjs`;
    await bundleOperations(tree, bundle);
    return await measure(node, bundle);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
