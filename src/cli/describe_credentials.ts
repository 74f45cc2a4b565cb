import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { list } from "../core/chain/errors.ts";
import type { Step } from "../core/chain/outcome.ts";
import { undecidedOf } from "../report/undecided.ts";
import type { Paint, Tone } from "./style.ts";
import { table } from "./table.ts";

/** What the notation in the column FIELDS means. */
export const LEGEND = "[x] optional · x | y at least one · + x setting or destination";

interface ServedBy {
  readonly tone: Tone;
  readonly text: string;
}

/**
 * Formats the credentials of a description as a table.
 *
 * @param description The description.
 * @param paint Colours the text.
 * @returns The lines, joined.
 */
export function credentialsTable(description: ChainDescription, paint: Paint): string {
  const columns = [{ head: "CREDENTIAL", maxWidth: 24 }, { head: "FIELDS", maxWidth: 26 }, { head: "SERVED BY" }];
  const rows = description.credentials.map((credential) => {
    const { tone, text } = servedBy(credential, description.stores);
    return [
      { text: credential.key, tone: (line: string) => paint("strong", line) },
      { text: fieldsOf(credential) },
      { text, tone: (line: string) => paint(tone, line) },
    ];
  });
  return table(columns, rows, paint);
}

function fieldsOf({ fields, anyOf = [] }: CredentialDescription): string {
  const settings = fields.filter(({ presence }) => presence === "setting" || presence === "destination");
  const identity = fields.filter((field) => !settings.includes(field) && !anyOf.includes(field.name));
  const names = identity.map(({ name, presence }) => presence === "optional" ? `[${name}]` : name);
  const first = [...names, ...anyOf.length > 0 ? [anyOf.join(" | ")] : []].join(", ");
  return settings.length > 0 ? `${first}\n+ ${settings.map(({ name }) => name).join(", ")}` : first;
}

function servedBy(credential: CredentialDescription, stores: ChainDescription["stores"]): ServedBy {
  const { held, last } = credential;
  const stateOf = (name: string) => stores.find((store) => store.name === name)?.state;
  if (held) {
    const others = Object.entries(held.fields).filter(([, source]) => source !== held.source);
    const text = [
      held.degraded ? `${held.source}, degraded: ${list(failuresOf(last?.trace ?? []))}` : held.source,
      ...others.map(([field, source]) => `${field} from ${source}`),
    ].join("\n");
    return { tone: held.degraded ? "warn" : "good", text };
  }
  if (!last) return { tone: "faint", text: "not asked yet" };
  if (last.error === undefined) {
    const { unasked, otherwise } = undecidedOf(credential);
    const names = list(unasked.filter((store) => stateOf(store) === "on"));
    const rest = otherwise?.role === "stopped" ? `${otherwise.store} is ${otherwise.outcome}` : otherwise?.store;
    return { tone: "warn", text: `${names}, not asked: needs the network${rest ? `\notherwise ${rest}` : ""}` };
  }
  if (last.error === "not_found") return { tone: "warn", text: `no store: ${absenceOf(credential, stateOf)}` };
  const stopped = last.trace.find(({ outcome }) => outcome === last.error);
  return { tone: "bad", text: `no store: ${stopped?.store ?? "one of them"} is ${last.error}` };
}

/** Names the stores that were asked for the identity, without those that only give settings. */
function absenceOf({ from, last }: CredentialDescription, stateOf: (name: string) => string | undefined): string {
  const { trace, missing = [] } = last!;
  const mayGive = ({ store, reads }: CredentialDescription["from"][number]) =>
    reads.some((name) => missing.includes(name)) ||
    trace.some((step) => step.store === store && step.role === "passed");
  const asked = from.filter((source) => stateOf(source.store) !== "off" && mayGive(source)).map(({ store }) => store);
  if (asked.length > 0) return `not in ${list(asked, "or")}`;
  const off = from.filter(({ store }) => stateOf(store) === "off").map(({ store }) => store);
  return off.length > 0 ? `${list(off)} ${off.length > 1 ? "are" : "is"} off` : "none is mapped";
}

function failuresOf(trace: readonly Step[]): readonly string[] {
  const failures = trace.filter(({ outcome }) => ["incomplete", "unavailable", "denied", "invalid"].includes(outcome));
  return failures.map(({ store, outcome }) => `${store} is ${outcome}`);
}
