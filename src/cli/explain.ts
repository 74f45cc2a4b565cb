import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import type { Explanation } from "../report/explain.ts";
import { explain } from "../report/explain.ts";
import { obtainedText } from "../report/share_text.ts";
import { survey } from "../report/survey.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { list } from "../core/chain/errors.ts";
import type { Outcome, Step } from "../core/chain/outcome.ts";
import { knownKeys } from "./arguments.ts";
import { type Command, UsageError } from "./command.ts";
import { switchesText, withNeeded } from "./describe_switches.ts";
import { groupNames, inDirectory } from "./names.ts";
import { type Hints, hintsOf } from "./hints.ts";
import { withoutControls } from "./quoted.ts";
import { sections } from "./sections.ts";
import { type Style, styleOf, type Tone } from "./style.ts";
import { table } from "./table.ts";
import { unmetNeeds } from "./unmet_needs.ts";
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
      // Hint: only so are the needs of a store known that is not configured, since it was not asked.
      if (!json) await survey(resolver);
      const text = () => explanationText(explanation, contextOf(key!, resolver), styleOf(terminal));
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

const ROLES: Readonly<Record<Step["role"], string>> = {
  winner: "wins",
  setting: "gives settings",
  passed: "next store",
  stopped: "stops",
  shadowed: "shadowed",
};

interface ExplanationContext {
  readonly description: ChainDescription;
  readonly hints: Hints;
  /** The stores of the credential, and the names that are looked for in each. */
  readonly from: CredentialDescription["from"];
}

function contextOf(key: string, resolver: Resolver<unknown>): ExplanationContext {
  const description = resolver.describe();
  const { from } = description.credentials.find((credential) => credential.key === key)!;
  return { description, hints: hintsOf(resolver, description), from };
}

function explanationText(explanation: Explanation, context: ExplanationContext, style: Style): string {
  const { paint } = style;
  const { source, fields, trace, unknown = [] } = explanation;
  const steps = trace.map((step) => {
    const isUnknown = unknown.includes(step.store);
    return [
      { text: step.store, tone: (line: string) => paint("strong", line) },
      { text: isUnknown ? "not asked" : step.outcome, tone: (line: string) => paint(TONES[step.outcome], line) },
      { text: isUnknown ? "unknown" : ROLES[step.role] },
      { text: detailOf(step, context) },
    ];
  });
  const given = Object.entries(fields).map(([name, source]) => [{ text: name }, { text: source }]);
  const off = trace.flatMap(({ store, outcome }) => outcome === "off" ? store : []);
  const { description, hints } = context;
  return sections([
    ["", headline(explanation, style)],
    [
      "",
      table([{ head: "STORE", maxWidth: 24 }, { head: "RESULT" }, { head: "THEN" }, { head: "DETAIL" }], steps, style),
    ],
    ["", given.length > 0 ? table([{ head: "FIELD", maxWidth: 40 }, { head: "SOURCE" }], given, style) : ""],
    [
      "To switch on",
      source === null ? switchesText(withNeeded(off, description, hints), description, hints, style) : "",
    ],
  ], style);
}

function headline(explanation: Explanation, { paint, width }: Style): string {
  const { key } = explanation;
  const { tone, verdict } = verdictOf(explanation);
  return key.length + verdict.length + 2 > width
    ? `${paint("strong", wrap(key, width))}\n${paint(tone, wrap(verdict, width, "  "))}`
    : `${paint("strong", key)}: ${paint(tone, verdict)}`;
}

function verdictOf(
  { source, degraded, error, unknown = [] }: Explanation,
): { readonly tone: Tone; readonly verdict: string } {
  if (source !== null) {
    return degraded ? { tone: "warn", verdict: `${source}, degraded` } : { tone: "good", verdict: source };
  }
  if (error !== undefined) return { tone: "bad", verdict: `not available (${error})` };
  return {
    tone: "warn",
    verdict: `unknown until ${list(unknown)} ${unknown.length > 1 ? "are" : "is"} asked: use --live`,
  };
}

function detailOf(
  { store, outcome, detail, missing = [], ms, version, shared }: Step,
  { description, hints, from }: ExplanationContext,
): string {
  const directory = hints.directories[store];
  const reads = from.find((source) => source.store === store)?.reads ?? [];
  const names = groupNames(missing, directory);
  const { share } = description.stores.find(({ name }) => name === store) ?? {};
  const isMiss = outcome === "miss";
  const lines = [
    ...isMiss && names ? [`supply ${names}`] : [],
    ...detail ? [inDirectory(detail, reads, directory)] : [],
    ...unmetNeeds(store, description, hints),
    ...!isMiss && names ? [`missing ${names}`] : [],
    // Hint: an explanation tells the other machines nothing.
    ...shared ? [obtainedText(shared, share)] : share && ms !== undefined ? [`asked without ${share.engine}`] : [],
    ...version === undefined ? [] : [`version ${withoutControls(`${version}`)}`],
    ...ms === undefined ? [] : [`after ${Math.round(ms)} ms`],
  ];
  return lines.join("\n");
}
