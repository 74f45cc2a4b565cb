import type { AnyChain } from "../core/chain/chain.ts";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import type { Explanation } from "../report/explain.ts";
import { explain } from "../report/explain.ts";
import { survey } from "../report/survey.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { list } from "../core/chain/errors.ts";
import type { Outcome, Step } from "../core/chain/outcome.ts";
import { knownKeys } from "./arguments.ts";
import { type Command, UsageError } from "./command.ts";
import { groupNames, inDirectory } from "./names.ts";
import { type Directories, directoriesOf } from "./directories.ts";
import { withoutControls } from "./quoted.ts";
import { type Paint, paint, type Tone } from "./style.ts";
import { table } from "./table.ts";
import { type UnmetNeeds, unmetNeeds } from "./unmet_needs.ts";
import { MAX_LINE_WIDTH, wrap } from "./wrap.ts";

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
    const resolver = createResolver(chain);
    const explanation = await explain(resolver, key!, { live: values.live === true });
    // Hint: only so are the needs of a store known that is not configured, since it was not asked.
    if (!json) await survey(resolver);
    const text = () => explanationText(explanation, contextOf(key!, chain, resolver.describe()), paint(terminal.color));
    terminal.print(json ? JSON.stringify(explanation, null, 2) : text());
    return explanation.source === null ? 1 : 0;
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

/** What an explanation's text needs beyond the explanation. */
export interface ExplanationContext {
  /** The directories in which stores keep their documents, by store, where known. */
  readonly directories: Directories;
  /** What the stores that are on and not configured lack besides, by store. */
  readonly unmet: UnmetNeeds;
  /** The stores of the credential, and the names that are looked for in each. */
  readonly from: CredentialDescription["from"];
}

function contextOf(key: string, chain: AnyChain, description: ChainDescription): ExplanationContext {
  const { from } = description.credentials.find((credential) => credential.key === key)!;
  const directories = directoriesOf(chain, description);
  return { directories, unmet: unmetNeeds(chain, description, directories), from };
}

/**
 * Formats an explanation for a terminal.
 *
 * @param explanation The explanation.
 * @param context The credential's stores, and their directories.
 * @param paint Colours the text.
 * @returns Lines of at most 80 characters, joined.
 */
export function explanationText(explanation: Explanation, context: ExplanationContext, paint: Paint): string {
  const { fields, trace, unknown = [] } = explanation;
  const steps = trace.map((step) => {
    const isUnknown = unknown.includes(step.store);
    return [
      { text: step.store, tone: (line: string) => paint("strong", line) },
      { text: isUnknown ? "not asked" : step.outcome, tone: (line: string) => paint(TONES[step.outcome], line) },
      { text: isUnknown ? "unknown" : ROLES[step.role] },
      { text: detailOf(step, context) },
    ];
  });
  const parts = [
    headline(explanation, paint),
    "",
    table([{ head: "STORE", maxWidth: 16 }, { head: "RESULT" }, { head: "THEN" }, { head: "DETAIL" }], steps, paint),
  ];
  const given = Object.entries(fields).map(([name, source]) => [{ text: name }, { text: source }]);
  if (given.length > 0) parts.push("", table([{ head: "FIELD", maxWidth: 40 }, { head: "SOURCE" }], given, paint));
  return parts.join("\n");
}

function headline(explanation: Explanation, paint: Paint): string {
  const { key } = explanation;
  const { tone, verdict } = verdictOf(explanation);
  return key.length + verdict.length + 2 > MAX_LINE_WIDTH
    ? `${paint("strong", wrap(key, MAX_LINE_WIDTH))}\n${paint(tone, wrap(verdict, MAX_LINE_WIDTH, "  "))}`
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
  { store, outcome, detail, missing = [], ms, version }: Step,
  { directories, unmet, from }: ExplanationContext,
): string {
  const reads = from.find((source) => source.store === store)?.reads ?? [];
  const names = groupNames(missing, directories[store]);
  const isMiss = outcome === "miss";
  const lines = [
    ...isMiss && names ? [`supply ${names}`] : [],
    ...detail ? [inDirectory(detail, reads, directories[store])] : [],
    ...unmet[store] ?? [],
    ...!isMiss && names ? [`missing ${names}`] : [],
    ...version === undefined ? [] : [`version ${withoutControls(`${version}`)}`],
    ...ms === undefined ? [] : [`after ${Math.round(ms)} ms`],
  ];
  return lines.join("\n");
}
