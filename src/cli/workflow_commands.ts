import { withoutControls } from "./quoted.ts";

/** What GitHub shows beside a line of a file. */
export interface Annotation {
  readonly level: "error" | "warning";
  /** The file, relative to the workspace; `undefined` if it is not known. */
  readonly file: string | undefined;
  /** The line, from 1. */
  readonly line: number;
  readonly title: string;
  readonly message: string;
}

/**
 * Formats an annotation as a workflow command
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
export function annotationCommand({ level, file, line, title, message }: Annotation): string {
  const place = file === undefined ? "" : `file=${property(file)},line=${line},`;
  return `::${level} ${place}title=${property(title)}::${data(message)}`;
}

/**
 * Encloses text in which the runner must not look for workflow commands, since a credential's name may read like one.
 */
export function withoutCommands(text: string): string {
  const token = crypto.randomUUID();
  return `::stop-commands::${token}\n${text}\n::${token}::`;
}

function data(text: string): string {
  const shown = text.split("\n").map(withoutControls).join("\n");
  return shown.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(withoutControls(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
