import { appendFileSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { ChainError } from "../core/chain/errors.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import { ambient } from "../core/runtime/ambient.ts";
import { workingDirectory } from "../core/runtime/globals.ts";
import type { CheckReport } from "../report/check.ts";
import { causeOf } from "../report/needs.ts";
import { lineOf, type Part, partOf } from "./chain_lines.ts";
import { failureSummary, jobSummary } from "./job_summary.ts";
import { messageOf } from "./message_of.ts";
import type { Terminal } from "./terminal.ts";
import { type Annotation, annotationCommand, withoutCommands } from "./workflow_commands.ts";

/** What `check` found, and what it prints of that. */
export interface Checked {
  readonly report: CheckReport;
  readonly description: ChainDescription;
  readonly text: string;
}

/**
 * Prints what `check` found in a run of GitHub Actions: an error for every credential that cannot be resolved by itself, a
 * warning for every finding, each at the line of the chain's module, and the summary of the job.
 */
export function printForGitHub(terminal: Terminal, config: string, { report, description, text }: Checked): void {
  const { file, source } = moduleOf(config);
  const at = (part: Part | undefined) => ({ file, line: lineOf(source, part) });
  const annotations: readonly Annotation[] = [
    ...failedByThemselves(report, description).map(({ key, code = "", reason = "" }): Annotation => ({
      level: "error",
      ...at({ section: "credentials", name: key }),
      title: `${key} (${code})`,
      message: reason,
    })),
    ...report.findings.map(({ path, key, rule, message }): Annotation => ({
      level: "warning",
      ...at(key === undefined ? partOf(path) : { section: "credentials", name: key }),
      title: `${path} (${rule})`,
      message,
    })),
  ];
  terminal.print([withoutCommands(text), ...annotations.map(annotationCommand)].join("\n"));
  writeSummary(terminal, jobSummary(report, file));
}

/** Prints why `check` could not run in GitHub Actions, as one error. */
export function printFailureForGitHub(terminal: Terminal, config: string, error: unknown): void {
  const { file, source } = moduleOf(config);
  const part = error instanceof ChainError ? partOf(error.problems[0]?.path ?? "") : undefined;
  const message = messageOf(error);
  const title = "Credentials could not be checked";
  terminal.print(annotationCommand({ level: "error", file, line: lineOf(source, part), title, message }));
  writeSummary(terminal, failureSummary(message, file));
}

/** The failed credentials, without those that fail because of another one of them. */
function failedByThemselves({ credentials }: CheckReport, description: ChainDescription): CheckReport["credentials"] {
  const failed = credentials.filter(({ ok, unused }) => !ok && !unused);
  return failed.filter(({ key }) => {
    const described = description.credentials.find((each) => each.key === key);
    const root = described && causeOf(described, description)?.root.key;
    return root === undefined || failed.every((each) => each.key !== root);
  });
}

/** Returns the chain's module, as annotations name it, and its text. */
function moduleOf(config: string): { readonly file: string; readonly source: string } {
  const directory = workingDirectory() ?? "";
  const path = resolve(directory, config);
  const file = relative(variable("GITHUB_WORKSPACE") ?? directory, path).replaceAll("\\", "/");
  try {
    return { file, source: readFileSync(path, "utf8") };
  } catch {
    return { file, source: "" }; // it does not exist, or may not be read
  }
}

function writeSummary(terminal: Terminal, markdown: string): void {
  const path = variable("GITHUB_STEP_SUMMARY");
  if (path === undefined) return;
  try {
    appendFileSync(path, markdown);
  } catch (error) {
    const isForbidden = Object(error).name === "NotCapable";
    terminal.warn(`Cannot write the summary of the job${isForbidden ? ": it needs --allow-write" : ""}`);
  }
}

function variable(name: string): string | undefined {
  const value = ambient().variable(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
