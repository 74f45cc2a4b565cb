import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { type RatedCredential, worstFirst } from "../report/guidance/counts.ts";
import { STATUSES } from "../report/guidance/credential_status.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { wrap } from "./wrap.ts";

/** Formats the credentials and their status as a table, worst first. */
export function credentialsTable(rated: readonly RatedCredential[], style: Style): string {
  const columns = [{ head: "STATUS" }, { head: "CREDENTIAL", maxWidth: 40 }, { head: "SOURCE", maxWidth: 24 }, {
    head: "DETAIL",
  }];
  const rows = worstFirst(rated).map(({ credential: { key }, status: { word, source = "-", detail } }) => [
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
