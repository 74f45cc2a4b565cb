import { FIRST_ANSWER_MS } from "../../../src/share/client/engine_client.ts";
import { ANSWER_MS, LEASE_MS } from "../../../src/share/define/share_engine.ts";
import { MAX_LOST } from "../../../src/share/steps/share_run.ts";
import { ENGINE_SPEED } from "./engine.ts";
import { BEAT_MS, BOUND_MS } from "./obtain.ts";
import { findBroken, PROMISES, type SceneResult, type SizeResult } from "./results.ts";
import type { Figures } from "./simulate.ts";

/** Formats figures as a Markdown page. */
export function formatFleetPage(results: readonly SceneResult[]): string {
  return `# What a fleet asks

\`deno task bench:fleet --write\` simulates fleets of isolates that need the same token, and wrote this page and its chart.
It is no measurement: it runs the package's own rules (\`freshness.ts\`, \`pauses.ts\`, and with \`share\` \`decide.ts\`) on
simulated time, with the same random numbers in every run.

![Requests at the token server by the size of the fleet, without share and with it, in each scene](fleet.svg)

## Requests at the token server

Each cell is the number without \`share\` → with it.

${shortTable(results)}

${LIMIT}

## What is promised

${promises(results)}

## The rules of the simulation

${RULES}

## All figures

Requests, engine reads and swaps, and callers are means of the runs; the peaks are those of the busiest second of all runs,
and so is the longest wait. Each pair is without \`share\` → with it.

${results.map(formatScene).join("\n\n")}
`;
}

/** Returns how many requests there were in each scene. */
export function shortTable(results: readonly SceneResult[]): string {
  const sizes = results[0]!.sizes.map(({ size }) => size);
  return table([
    ["isolates", ...sizes.map((size) => size.toLocaleString("en"))],
    ...results.map((
      { what, sizes },
    ) => [what, ...sizes.map((result) => pair(result, ({ requests }) => count(requests)))]),
  ]);
}

const LIMIT =
  `The engine is the limit where more isolates need a token within the same second than it does operations: what it
cannot take asks the server, as without \`share\`. A fleet that starts within half a minute instead, or has a faster engine,
asks once.`;

function promises(results: readonly SceneResult[]): string {
  const broken = findBroken(results);
  const kept = PROMISES.map(({ text, scene }) => {
    const where = scene ? results.find(({ name }) => name === scene)!.what : "every scene and size";
    return `- ${where}: ${text}`;
  });
  const verdict = broken.length > 0 ? broken.map((each) => `- ${each}`).join("\n") : "All of this holds.";
  return `${kept.join("\n")}\n\n${broken.length > 0 ? "This does not hold:\n\n" : ""}${verdict}`;
}

function formatScene({ what, text, sizes }: SceneResult): string {
  const rows = sizes.map((result) => {
    const { size, shared } = result;
    return [
      size.toLocaleString("en"),
      pair(result, ({ requests }) => count(requests)),
      pair(result, ({ requestsPeak }) => count(requestsPeak)),
      count(shared.reads),
      count(shared.readsPeak),
      count(shared.swaps),
      pair(result, ({ waited }) => count(waited)),
      pair(result, ({ longestWait }) => seconds(longestWait)),
      pair(result, ({ failed }) => count(failed)),
    ];
  });
  return `### ${what[0]!.toUpperCase()}${what.slice(1)}

${text}

${table([HEAD, ...rows])}`;
}

const HEAD = [
  "isolates",
  "requests",
  "in a second",
  "reads",
  "in a second",
  "swaps",
  "callers that waited",
  "longest wait",
  "callers that failed",
];

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const rule = head!.map((_, at) => at === 0 ? "---" : "--:");
  return [head!, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function pair({ alone, shared }: SizeResult, cell: (figures: Figures) => string): string {
  const [before, after] = [cell(alone), cell(shared)];
  return before === after ? after : `${before} → ${after}`;
}

function count(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)));
}

function inWords(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

const RULES =
  `- An isolate is called at random, on average once in ten seconds to ten times a second; each draws its rate, evenly by its
  logarithm. Calls are independent of each other.
- Tokens are valid for an hour. A store renews them after 45 minutes; with \`share\`, each isolate looks at a moment of its
  own from 45 to 52.5 minutes on.
- The token server answers in 50 to 250 ms. Where it is unreachable, a request ends after 5 s.
- The engine does ${
    ENGINE_SPEED.toLocaleString("en")
  } operations a second, one after the other, also those that nobody waits for any more. An isolate that
  gets no answer within ${inWords(ANSWER_MS)} (${
    inWords(FIRST_ANSWER_MS)
  } for its first one) obtains its token alone, and asks again 1 to 5 s later at the
  earliest.
- The isolate that obtains the token shows every ${inWords(BEAT_MS)} that it is alive; after ${
    inWords(LEASE_MS)
  } without that, another one takes
  over. The others wait for ${
    inWords(BOUND_MS)
  } at most, and one that was too late to take over ${MAX_LOST} times in a row obtains its token
  alone.
- A caller counts as one that waited after 100 ms, and as one that failed if it gets an error or a refused token.
- Where isolates hold a token at the beginning, with \`share\` all have the same, and without it each has its own, all of
  which were obtained within one minute. The outages of the server begin at the worst moment: the token is due in the
  first minutes, and expires before the end. (A fleet without \`share\` that has run for days has tokens of all ages, so that
  only a part of it is affected.)`;
