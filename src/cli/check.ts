import type { ChainDescription } from "../describe.ts";
import { check, type CheckedCredential, type CheckReport } from "../report/check.ts";
import { createResolver } from "../resolver.ts";
import type { Command } from "./command.ts";
import { knownKeys } from "./key_argument.ts";
import { missingParts } from "./describe_missing.ts";
import { type Places, placesOf } from "./places.ts";
import { type Paint, paint } from "./style.ts";
import { table } from "./table.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** `check`: whether every credential can be had, and whether the chain is in order. */
export const checkCommand: Command = {
  name: "check",
  args: "[KEY…]",
  summary: "Resolve every credential and lint the chain",
  help: "It resolves the credentials that are named, or all, and looks for what never counts in the chain and for " +
    "files that others may read. It ends with 1 when a credential can't be had or something is found. A credential " +
    "that only switched-off stores serve, or need, isn't a finding.",
  async run({ terminal, positionals, json, loadChain }) {
    const chain = await loadChain();
    const keys = positionals.length > 0 ? knownKeys(positionals, chain) : undefined;
    const resolver = createResolver(chain);
    const report = await check(resolver, keys);
    const description = resolver.describe();
    const places = placesOf(chain, description);
    terminal.print(
      json ? JSON.stringify(report, null, 2) : checkText(report, { description, places }, paint(terminal.color)),
    );
    return report.ok ? 0 : 1;
  },
};

/** What a check came from. */
export interface Checked {
  /** The resolver's description after the check. */
  readonly description: ChainDescription;
  /** Where stores keep their documents. */
  readonly places: Places;
}

/**
 * What a check found, as it is printed for a person.
 *
 * @param report What it found.
 * @param checked What it came from.
 * @param paint Colours it.
 * @returns The lines, joined; none is wider than 80 characters.
 */
export function checkText(
  { credentials, findings }: CheckReport,
  { description, places }: Checked,
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
      { text: whyOf(checked) },
    ];
  });
  const parts = [table([{ head: "CREDENTIAL", most: 24 }, { head: "STATE" }, { head: "GIVEN BY" }], rows, paint)];
  const failed = credentials.filter(({ ok, unused }) => !ok && !unused);
  const keys = new Set(failed.map(({ key }) => key));
  const about = { ...description, credentials: description.credentials.filter(({ key }) => keys.has(key)) };
  parts.push(...missingParts(about, places, paint));
  if (findings.length > 0) parts.push("", paint("strong", "What is wrong with the chain"));
  for (const { path, rule, message } of findings) {
    const place = wrap(`${path} (${rule.replaceAll("_", " ")})`, WIDTH, "  ");
    parts.push(paint("warn", place), wrap(message, WIDTH, "    "));
  }
  const wrong = failed.length + findings.length;
  parts.push("", wrong === 0 ? paint("good", "Nothing to mend") : paint("bad", `To mend: ${wrong}`));
  return parts.join("\n");
}

function whyOf({ ok, source, degraded, unused }: CheckedCredential): string {
  if (ok) return `${source}${degraded ? ", degraded" : ""}`;
  return unused ? "only a store that is off serves it, or needs it" : "";
}
