import type { ChainDescription } from "../core/engine/describe.ts";
import { check, type CheckedCredential, type CheckReport } from "../report/check.ts";
import { createResolver } from "../core/engine/create_resolver.ts";
import { knownKeys } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type HintContext, hintContext, missingParts } from "./describe_missing.ts";
import { type Paint, paint } from "./style.ts";
import { withSwitches } from "./switches.ts";
import { table } from "./table.ts";
import { MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/** `check`: resolves every credential and lints the chain. */
export const checkCommand: Command = {
  name: "check",
  args: "[KEY…]",
  summary: "Resolve every credential and lint the chain",
  help: "Resolves the credentials that are named, or all of them, and looks for entries of the chain that never take " +
    "effect, for files that other users can read, for variables that two stores have with different values, and, " +
    "unless credentials are named, for directories that do not exist. Exits with 1 if a credential cannot be " +
    "resolved or a problem is found. A credential that only disabled stores serve or need is not a problem.",
  async run({ terminal, positionals, json, loadChain }) {
    const chain = await loadChain();
    const keys = positionals.length > 0 ? knownKeys(positionals, chain) : undefined;
    const resolver = createResolver(chain);
    const report = await check(resolver, keys);
    const description = resolver.describe();
    const context = { description, ...hintContext(chain, description) };
    const text = () => checkText(report, context, paint(terminal.color));
    terminal.print(json ? JSON.stringify(report, null, 2) : text());
    return report.ok ? 0 : 1;
  },
};

/** What a check's text needs beyond its report. */
export interface CheckContext extends HintContext {
  /** The resolver's description after the check. */
  readonly description: ChainDescription;
}

/**
 * Formats the report of a check for a terminal.
 *
 * @param report The report.
 * @param context The description, and what its hints refer to.
 * @param paint Colours the text.
 * @returns Lines of at most 80 characters, joined.
 */
export function checkText(
  { credentials, findings }: CheckReport,
  { description, directories, switches, unmet }: CheckContext,
  paint: Paint,
): string {
  const rows = credentials.map((checked) => {
    const tone = checked.ok ? checked.degraded ? "warn" : "good" : checked.unused ? "faint" : "bad";
    return [
      { text: checked.key, tone: (line: string) => paint("strong", line) },
      {
        text: checked.ok ? "ok" : checked.unused ? "unused" : checked.code!,
        tone: (line: string) => paint(tone, line),
      },
      { text: sourceOf(checked) },
    ];
  });
  const columns = [{ head: "CREDENTIAL", maxWidth: 24 }, { head: "STATE" }, { head: "SOURCE" }];
  const parts = [table(columns, rows, paint)];
  const failed = credentials.filter(({ ok, unused }) => !ok && !unused);
  const keys = new Set(failed.map(({ key }) => key));
  const hinted = { ...description, stores: withSwitches(description.stores, switches) };
  parts.push(...missingParts(hinted, { directories, switches, unmet, keys }, paint));
  if (findings.length > 0) parts.push("", paint("strong", "Problems in the chain"));
  for (const { path, rule, message } of findings) {
    const heading = wrap(`${path} (${rule.replaceAll("_", " ")})`, MAX_LINE_WIDTH, "  ");
    parts.push(paint("warn", heading), wrap(message, MAX_LINE_WIDTH, "    "));
  }
  const problems = failed.length + findings.length;
  parts.push("", paint(problems === 0 ? "good" : "bad", problemCount(problems)));
  return parts.join("\n");
}

function problemCount(count: number): string {
  if (count === 0) return "No problems found";
  return count === 1 ? "1 problem" : `${count} problems`;
}

function sourceOf({ ok, source, degraded, unused }: CheckedCredential): string {
  if (ok) return `${source}${degraded ? ", degraded" : ""}`;
  return unused ? "only stores that are off serve or need it" : "";
}
