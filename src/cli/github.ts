import { appendFileSync, statSync } from "node:fs";
import { ChainError } from "../core/chain/errors.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import type { CheckReport } from "../report/check.ts";
import { causeOf } from "../report/needs.ts";
import { annotatedModule, placeIn, runnerVariable } from "./annotated_module.ts";
import { type Part, partOf } from "./chain_lines.ts";
import { failureSummary, jobSummary } from "./job_summary.ts";
import { messageOf } from "./message_of.ts";
import type { Terminal } from "./terminal.ts";
import { type Annotation, annotationCommand, withoutCommands } from "./workflow_commands.ts";

/** What `check` found, and what it prints about it. */
export interface Checked {
  readonly report: CheckReport;
  readonly description: ChainDescription;
  readonly text: string;
}

/**
 * Prints what `check` found in a run of GitHub Actions: an error for every credential that failed, except those that
 * failed because of another one of them, a warning for every finding, each at the line of the chain's module, and the
 * summary of the job.
 */
export function printForGitHub(terminal: Terminal, config: string, { report, description, text }: Checked): void {
  const { file, lineOf } = annotatedModule(config);
  const at = (part: Part | undefined) => ({ file, line: lineOf(part) });
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
  printCommands(terminal, [withoutCommands(text), ...annotations.map(annotationCommand)]);
  writeSummary(terminal, (room) => jobSummary(report, file, room));
}

/** Prints why `check` could not run in GitHub Actions, as one error. */
export function printFailureForGitHub(terminal: Terminal, config: string, error: unknown): void {
  const { file, lineOf } = annotatedModule(config);
  const message = messageOf(error);
  const at = error instanceof ChainError
    ? { file, line: lineOf(partOf(error.problems[0]?.path ?? "")) }
    : placeIn(message) ?? { file, line: 1 };
  const title = "Credentials could not be checked";
  printCommands(terminal, [annotationCommand({ level: "error", ...at, title, message })]);
  writeSummary(terminal, (room) => failureSummary(message, file, room));
}

// Hint: code of the chain may have printed an unfinished line, in which the runner would not recognise a command.
function printCommands(terminal: Terminal, commands: readonly string[]): void {
  terminal.print(["", ...commands].join("\n"));
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

/** The most bytes that GitHub takes as the summary of a step: it drops a longer one entirely. */
const MAX_SUMMARY_BYTES = 1024 * 1024;

function writeSummary(terminal: Terminal, markdown: (room: number) => string): void {
  const path = runnerVariable("GITHUB_STEP_SUMMARY");
  if (path === undefined) return;
  try {
    // Hint: an earlier command of the step may have left an unfinished line.
    appendFileSync(path, `\n\n${markdown(MAX_SUMMARY_BYTES - sizeOf(path))}`);
  } catch (error) {
    const isForbidden = Object(error).name === "NotCapable";
    terminal.warn(`Cannot write the summary of the job${isForbidden ? ": it needs --allow-write" : ""}`);
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0; // it does not exist, or may be written and not read
  }
}
