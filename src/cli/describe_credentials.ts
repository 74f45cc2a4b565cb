import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { type CredentialStatus, STATUSES, type StatusWord } from "../report/guidance/credential_status.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { wrap } from "./wrap.ts";

/** A credential and its status. */
interface RatedCredential {
  readonly credential: CredentialDescription;
  readonly status: CredentialStatus;
}

const WORDS = Object.keys(STATUSES) as StatusWord[];

/** Says in a line how many credentials are available, and how many of each other status there are. */
export function countLine(rated: readonly RatedCredential[]): string {
  const numberOf = (...words: StatusWord[]) => rated.filter(({ status }) => words.includes(status.word)).length;
  const others = WORDS.filter((word) => word !== "ok" && numberOf(word) > 0);
  const counts = others.map((word) => STATUSES[word].count(numberOf(word)));
  const noun = rated.length === 1 ? "credential is" : "credentials are";
  const available = `${numberOf("ok", "degraded")} of ${rated.length} ${noun} available`;
  return counts.length > 0 ? `${available}: ${counts.join(", ")}` : available;
}

/** Formats the credentials and their status as a table, worst first. */
export function credentialsTable(rated: readonly RatedCredential[], style: Style): string {
  const columns = [{ head: "STATUS" }, { head: "CREDENTIAL", maxWidth: 40 }, { head: "SOURCE", maxWidth: 24 }, {
    head: "DETAIL",
  }];
  const worstFirst = rated.toSorted((a, b) => WORDS.indexOf(a.status.word) - WORDS.indexOf(b.status.word));
  const rows = worstFirst.map(({ credential: { key }, status: { word, source = "-", detail } }) => [
    { text: word, tone: (line: string) => style.paint(STATUSES[word].tone, line) },
    { text: key, tone: (line: string) => style.paint("strong", line) },
    { text: source },
    { text: detail },
  ]);
  return table(columns, rows, style);
}

const LEGEND = "[x] optional · x | y at least one · + x setting or destination";

/** Formats the fields of the credentials as a table, and says what its notation means. */
export function fieldsTable({ credentials }: ChainDescription, style: Style): string {
  const rows = credentials.map((credential) => [
    { text: credential.key, tone: (line: string) => style.paint("strong", line) },
    { text: fieldsOf(credential) },
  ]);
  const columns = [{ head: "CREDENTIAL", maxWidth: 40 }, { head: "FIELDS" }];
  return `${table(columns, rows, style)}\n\n${style.paint("faint", wrap(LEGEND, style.width, "  "))}`;
}

function fieldsOf({ fields, anyOf = [] }: CredentialDescription): string {
  const settings = fields.filter(({ presence }) => presence === "setting" || presence === "destination");
  const identity = fields.filter((field) => !settings.includes(field) && !anyOf.includes(field.name));
  const names = identity.map(({ name, presence }) => presence === "optional" ? `[${name}]` : name);
  const first = [...names, ...anyOf.length > 0 ? [anyOf.join(" | ")] : []].join(", ");
  return settings.length > 0 ? `${first} + ${settings.map(({ name }) => name).join(", ")}` : first;
}
