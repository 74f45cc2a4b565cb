import type { CheckedCredential, CheckReport } from "../report/check.ts";
import { withoutControls } from "./quoted.ts";

/** A row of a table, or another line. */
interface Line {
  readonly text: string;
  /** Whether it is left out last. */
  readonly matters: boolean;
}

/**
 * Writes what `check` found as Markdown, for the summary of a job.
 *
 * @param report What it found.
 * @param file The chain's module; `undefined` if it is not known.
 * @param room The most bytes that it may have. Credentials that are resolved are left out first.
 */
export function jobSummary({ credentials, findings }: CheckReport, file: string | undefined, room: number): string {
  const checked = credentials.map((each): Line => ({
    text: rowOf(credentialCells(each)),
    matters: !each.ok && !each.unused,
  }));
  const problems = findings.map(({ path, rule, message }): Line => ({
    text: rowOf([code(path), rule, code(message)]),
    matters: true,
  }));
  const kept = fitting([...checked, ...problems], room);
  return paragraphs([
    heading(file),
    tableOf(["Credential", "Status", "Store, or why there is none"], checked.filter((each) => kept.has(each))),
    problems.length > 0 ? tableOf(["Problem in the chain", "Rule", ""], problems.filter((each) => kept.has(each))) : "",
    omission(checked.length + problems.length - kept.size, "row"),
  ]);
}

/** Writes why nothing could be checked. */
export function failureSummary(message: string, file: string | undefined, room: number): string {
  const lines = message.split("\n").map((line): Line => ({ text: code(line), matters: true }));
  const kept = fitting(lines, room);
  const shown = lines.filter((each) => kept.has(each)).map(({ text }) => text);
  return paragraphs([heading(file), shown.join("<br>"), omission(lines.length - kept.size, "line")]);
}

/** What a summary has besides its lines: the path of a module, and the heads of the tables. */
const MARGIN_BYTES = 16 * 1024;

function fitting(lines: readonly Line[], room: number): ReadonlySet<Line> {
  const kept = new Set<Line>();
  let left = room - MARGIN_BYTES;
  for (const line of [...lines.filter(({ matters }) => matters), ...lines.filter(({ matters }) => !matters)]) {
    left -= new TextEncoder().encode(line.text).length + "<br>".length;
    if (left < 0) break;
    kept.add(line);
  }
  return kept;
}

function omission(count: number, what: string): string {
  if (count === 0) return "";
  return `${count} more ${
    count === 1 ? what : `${what}s`
  }: GitHub takes 1 MiB as the summary of a step. The log has all.`;
}

function credentialCells({ key, ok, source, degraded, unused, code: error, reason }: CheckedCredential): string[] {
  if (ok) return [code(key), degraded ? "degraded" : "ok", code(source ?? "")];
  const status = unused ? "off" : error === "not_found" ? "missing" : `error (${error})`;
  return [code(key), status, code(reason ?? "")];
}

function heading(file: string | undefined): string {
  return file === undefined ? "### Credentials" : `### Credentials of ${code(file)}`;
}

function tableOf(head: readonly string[], rows: readonly Line[]): string {
  return [rowOf(head), rowOf(head.map(() => "---")), ...rows.map(({ text }) => text)].join("\n");
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function paragraphs(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").map((text) => `${text}\n\n`).join("");
}

// Hint: GitHub makes links of addresses, names and numbers even if their marks are written as entities.
/** Writes text as code, which GitHub does not interpret as Markdown, HTML or links. */
function code(text: string): string {
  if (text === "") return "";
  const shown = withoutControls(text);
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `\`${shown}\`` : `${fence} ${shown} ${fence}`;
}
