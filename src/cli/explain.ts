import type { Explanation } from "../report/explain.ts";
import { explain } from "../report/explain.ts";
import { createResolver } from "../resolver.ts";
import type { Outcome, Step } from "../outcome.ts";
import { type Command, Misuse } from "./command.ts";
import { knownKeys } from "./key_argument.ts";
import { groupNames } from "./names.ts";
import { type Places, placesOf } from "./places.ts";
import { type Paint, paint, type Tone } from "./style.ts";
import { table } from "./table.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** `explain`: the whole walk of one credential. */
export const explainCommand: Command = {
  name: "explain",
  args: "KEY",
  summary: "Print the whole walk of one credential",
  help: "It asks every store of the credential, also below the one that wins, and shows what each said. A store that " +
    "issues tokens shows what it holds, which is nothing in a program that has just begun: --live asks it, and that " +
    "may mint a token.",
  options: { live: { type: "boolean", help: "Ask the stores that issue tokens, too" } },
  async run({ terminal, positionals, values, json, loadChain }) {
    if (positionals.length !== 1) throw new Misuse("Expected one KEY, for example: explain polaris:oauth");
    const chain = await loadChain();
    const [key] = knownKeys(positionals, chain);
    const resolver = createResolver(chain);
    const explanation = await explain(resolver, key!, { live: values.live === true });
    const places = placesOf(chain, resolver.describe());
    terminal.print(
      json ? JSON.stringify(explanation, null, 2) : explanationText(explanation, places, paint(terminal.color)),
    );
    return 0;
  },
};

const TONES: Readonly<Record<Outcome, Tone>> = {
  hit: "good",
  miss: "faint",
  off: "faint",
  incomplete: "warn",
  unavailable: "warn",
  denied: "bad",
  invalid: "bad",
};

const ROLES: Readonly<Record<Step["role"], string>> = {
  winner: "wins",
  setting: "gives settings",
  passed: "passed over",
  stopped: "stops the walk",
  shadowed: "not reached",
};

/**
 * An explanation as it is printed for a person.
 *
 * @param explanation The explanation.
 * @param places Where stores keep their documents, where that is known.
 * @param paint Colours it.
 * @returns The lines, joined; none is wider than 80 characters.
 */
export function explanationText(explanation: Explanation, places: Places, paint: Paint): string {
  const { fields, trace } = explanation;
  const steps = trace.map((step) => [
    { text: step.store, tone: (line: string) => paint("strong", line) },
    { text: step.outcome, tone: (line: string) => paint(TONES[step.outcome], line) },
    { text: ROLES[step.role] },
    { text: whyOf(step, places) },
  ]);
  const parts = [
    headline(explanation, paint),
    "",
    table([{ head: "STORE", most: 16 }, { head: "SAYS" }, { head: "SO IT" }, { head: "WHY" }], steps, paint),
  ];
  const given = Object.entries(fields).map(([name, source]) => [{ text: name }, { text: source }]);
  if (given.length > 0) parts.push("", table([{ head: "FIELD", most: 40 }, { head: "COMES FROM" }], given, paint));
  return parts.join("\n");
}

function headline({ key, source, degraded, error }: Explanation, paint: Paint): string {
  const tone = source === null ? "bad" : degraded ? "warn" : "good";
  const verdict = source === null ? `no store gives it (${error})` : `${source}${degraded ? ", degraded" : ""}`;
  return key.length + verdict.length + 2 > WIDTH
    ? `${paint("strong", wrap(key, WIDTH))}\n${paint(tone, wrap(verdict, WIDTH, "  "))}`
    : `${paint("strong", key)}: ${paint(tone, verdict)}`;
}

function whyOf({ store, outcome, detail, missing = [], ms }: Step, places: Places): string {
  const names = groupNames(missing, places[store]);
  const lines = [
    ...detail ? [detail] : [],
    ...names ? [outcome === "miss" ? `supply ${names}` : `lacks ${names}`] : [],
    ...ms === undefined ? [] : [`after ${Math.round(ms)} ms`],
  ];
  return lines.join("\n");
}
