import { describeBar } from "./bars.ts";
import { columnsOf, contendersOf, formatCell, headings, marks } from "./format.ts";
import type { Effort } from "./measure.ts";
import type { Result, Results } from "./results.ts";
import { describeAhead, describeOver } from "./sentences.ts";

/** The machine and the day of the figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly date: string;
}

/** Formats the results as a Markdown page. */
export function formatPage(results: Results, machine: Machine, effort: Effort): string {
  const ahead = list(describeAhead(results), "None is, on any runtime.");
  const over = list(describeOver(results), "Every row is within its bar.");
  return `# Speed and size

\`deno task bench --write\` wrote this page and its chart on ${machine.date}: ${machine.cpu}, ${machine.cores} cores;
${headings(results).join(", ")}.

![Bars of the time of a call: this package and the two best peers of each row, on each runtime](results.svg)

${legend(effort)}

## Where a peer is ahead

The peer that is ahead the furthest, and by how much of the package's own time or bytes.

${ahead}

## Over the bar

${over}

## All figures

${table(results)}

The size of every exported word is in [\`tests/sizes.json\`](../sizes.json), which a test holds; \`deno task sizes\` prints
it with the ceilings.

${NOTES}
`;
}

function legend({ rounds, singleRounds }: Effort): string {
  return `A figure is the ratio to the floor, which is the same work written by hand, and the time of a call. Each row runs in
a process of its own. There the floor, the package and its peers take turns, in ${rounds} rounds (${singleRounds} where a call takes
milliseconds). The ratio is the median of those of the rounds, and the time is that ratio of the floor's median time. What
each of them gave is read before and after: if any of them gave anything else than the two values of the credential, the
run fails. Times that are less than 3 % apart count as the same.

\`${marks.behind}\` marks a figure of the package where a peer is ahead, \`${marks.over}\` one over the bar of its row, and
\`${marks.ahead}\` the peer. A peer that asks its source more often, or whose callers fail, is not ahead, however quick that is.`;
}

function table(results: Results): string {
  const head = ["", ...headings(results)];
  return [head, head.map(() => "---"), ...results.rows.flatMap((row) => linesOf(row, results))]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function linesOf(row: Result, results: Results): readonly (readonly string[])[] {
  const columns = columnsOf(row, results);
  const blanks = Array.from({ length: results.runtimes.length - columns.length }, () => "");
  const lines = contendersOf(row).map((name) => {
    const cells = [name === "subject" ? row.what : name, ...columns.map((column) => formatCell(row, name, column))];
    return [...name === "subject" ? cells.map((cell) => `**${cell}**`) : cells, ...blanks];
  });
  const bar = [`_bar: ${row.bars.map(describeBar).join("; ")}_`, ...results.runtimes.map(() => "")];
  return [...lines, bar];
}

function list(sentences: readonly string[], none: string): string {
  return sentences.length > 0 ? sentences.map((sentence) => `- ${sentence}`).join("\n") : none;
}

const NOTES = `## How the peers do the same work

- **AWS memoize** and **AWS chain** are \`memoize\` and \`chain\` of \`@smithy/property-provider\`, the cache and the chain of the AWS
  SDK for JavaScript. The chain's providers that have nothing throw the SDK's own error, and its last is \`fromEnv\` where the variables are
  the process's.
- **lru-cache** takes the time from a timer once a millisecond, so a look into it costs no clock. Its \`fetch\` follows the
  signal of the first caller only.
- **p-memoize** takes no signal. Its values expire in \`expiry-map\`, which its documentation names.
- **unstorage overlay** is a storage with a layer for each store, asked for both values; **unstorage fs-lite** reads files.
- **Effect Config** parses two texts with one provider for each store, each the fallback of the one before. They read the
  variables at each call, as the others do; Effect's \`fromEnv\` copies the environment once.
- **t3-env** has no order of sources: which variable is meant is looked up by hand before, and it validates with valibot. It cannot be
  asked again, so each call builds it.
- **convict** has a section of its schema for each store, and the first that is complete is taken by hand. It
  cannot be asked again either.
- **AWS ini** reads a credentials file and a config file, and keeps neither.
- **Azure chain** is \`ChainedTokenCredential\` over a function: it leaves keeping a token to the credentials in it and to its
  HTTP pipeline, which are not measured. **Google auth** is \`UserRefreshClient\` over a
  transport that is a function.
- While a source is down, the AWS SDK's \`memoize\` throws to each caller although the held credential is valid for two more
  minutes. lru-cache gives what is stale, and asks again each time.
- **warm resolve, shared**: the floor is this package with a token that is not shared. **warm among 1,000 stores**: the floor is this package with one store. **10,000 at once**: the floor is one request of 50 ms.
- **compile**: this package checks the whole chain; the peers check nothing when they are built.
- **import**: each is a process of its own. The time is the CPU time beyond that of an empty script, whose own time is the
  floor's; the ratio is that of the whole processes. Deno imports the sources, the others the built npm package.
- **bundle**: what an edge function imports, minified and after \`gzip -9\`; it has no floor.`;
