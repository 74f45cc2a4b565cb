import type { Outcome, Step } from "../core/chain/outcome.ts";
import type { Explanation } from "../report/explain.ts";
import { explain } from "../report/explain.ts";
import { survey } from "../report/survey.ts";
import { knownKeys } from "./arguments.ts";
import { type Command, UsageError } from "./command.ts";
import { withNeeded } from "../report/guidance/switching_on.ts";
import { switchesText } from "./describe_switches.ts";
import { explainedNeedsText } from "./explain_needs.ts";
import { consequenceOf, contextOf, detailOf, type ExplanationContext, fixesOf, verdictOf } from "./explanation.ts";
import { sections } from "./sections.ts";
import { type Style, styleOf, type Tone } from "./style.ts";
import { table } from "./table.ts";
import { unmetNeeds } from "../report/guidance/unmet_needs.ts";
import { withResolver } from "./with_resolver.ts";
import { wrap } from "./wrap.ts";

/** `explain`: what every store of one credential answers. */
export const explainCommand: Command = {
  name: "explain",
  args: "KEY",
  summary: "Print the whole walk of one credential",
  help:
    "Asks every store of the credential, including those below the winner, and prints the result of each. A token " +
    "store that holds no token is not asked unless --live is given, since that may request a token from its server; " +
    "then no store below it is named as the winner. Exits with 1 if no store wins, or if that is unknown.",
  options: { live: { type: "boolean", help: "Ask token stores too" } },
  async run({ terminal, positionals, values, json, loadChain }) {
    if (positionals.length !== 1) throw new UsageError("Expected one KEY, for example: explain polaris:oauth");
    const chain = await loadChain();
    const [key] = knownKeys(positionals, chain);
    return await withResolver(chain, async (resolver) => {
      const explanation = await explain(resolver, key as never, { live: values.live === true });
      // Hint: an unconfigured store was not asked, so only the survey finds out about its needs.
      if (!json) await survey(resolver);
      const text = () => explanationText(explanation, contextOf(explanation, resolver), styleOf(terminal));
      terminal.print(json ? JSON.stringify(explanation, null, 2) : text());
      return explanation.source === null ? 1 : 0;
    });
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

function explanationText(explanation: Explanation, context: ExplanationContext, style: Style): string {
  const { paint } = style;
  const { description, hints } = context;
  const { source, error, fields, trace, unknown = [] } = explanation;
  const fixes = fixesOf(explanation, context);
  const off = trace.flatMap(({ store, outcome }) => outcome === "off" ? store : []);
  // Hint: if a store stopped the walk, that is what to fix.
  const isSwitchable = source === null && (error === undefined || error === "not_found");
  const switches = isSwitchable ? switchesText(withNeeded(off, description, hints), description, hints, style) : "";
  const detail = (step: Step) => {
    if (switches && step.outcome === "off" && step.store in hints.switches) return "to switch it on, see below";
    const fix = fixes.get(step.store);
    const more = fix ? [`fix: ${fix}`] : unmetNeeds(step.store, description, hints);
    return [detailOf(step, explanation, context), ...more].join("\n").trim();
  };
  const steps = trace.map((step) => [
    { text: step.store, tone: (line: string) => paint("strong", line) },
    {
      text: unknown.includes(step.store) ? "not asked" : step.outcome,
      tone: (line: string) => paint(TONES[step.outcome], line),
    },
    { text: consequenceOf(step, explanation) },
    { text: detail(step) },
  ]);
  const given = Object.entries(fields).map(([name, source]) => [{ text: name }, { text: source }]);
  return sections([
    ["", headline(explanation, context, style)],
    [
      "",
      table([{ head: "STORE", maxWidth: 24 }, { head: "RESULT" }, { head: "THEN" }, { head: "DETAIL" }], steps, style),
    ],
    ["What its stores need", explainedNeedsText(explanation, context, style)],
    ["", given.length > 0 ? table([{ head: "FIELD", maxWidth: 40 }, { head: "SOURCE" }], given, style) : ""],
    ["To switch on", switches],
  ], style);
}

function headline(explanation: Explanation, { description }: ExplanationContext, { paint, width }: Style): string {
  const { key } = explanation;
  const { tone, verdict } = verdictOf(explanation, description);
  return key.length + verdict.length + 2 > width
    ? `${paint("strong", wrap(key, width))}\n${paint(tone, wrap(verdict, width, "  "))}`
    : `${paint("strong", key)}: ${paint(tone, verdict)}`;
}
