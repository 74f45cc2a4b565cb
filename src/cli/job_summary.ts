import type { CheckedCredential, CheckReport } from "../report/check.ts";
import { withoutControls } from "./quoted.ts";

/** Writes what `check` found as Markdown, for the summary of a job. */
export function jobSummary({ credentials, findings }: CheckReport, file: string): string {
  return [
    `### Credentials of ${literal(file)}`,
    tableOf(["Credential", "Status", "Store, or why there is none"], credentials.map(credentialRow)),
    ...findings.length > 0
      ? [
        tableOf(["Problem in the chain", "Rule", ""], findings.map(({ path, rule, message }) => [path, rule, message])),
      ]
      : [],
  ].join("\n\n") + "\n\n";
}

/** Writes why nothing could be checked. */
export function failureSummary(message: string, file: string): string {
  return `### Credentials of ${literal(file)}\n\n${message.split("\n").map(literal).join("<br>")}\n\n`;
}

function credentialRow({ key, ok, source, degraded, unused, code, reason }: CheckedCredential): readonly string[] {
  if (ok) return [key, degraded ? "degraded" : "ok", source ?? ""];
  if (unused) return [key, "off", reason ?? ""];
  return [key, code === "not_found" ? "missing" : `error (${code})`, reason ?? ""];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(literal)))].join("\n");
}

/** Writes text so that no Markdown, HTML or link comes of it. */
function literal(text: string): string {
  return withoutControls(text).replaceAll(/[!-,./:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
