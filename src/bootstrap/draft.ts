import { list } from "../core/chain/errors.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { FieldValues } from "../core/source/answer.ts";
import { present } from "../core/source/mapping.ts";
import { asJson } from "./document_layout.ts";
import type { Draft } from "./layout.ts";
import { take } from "./member.ts";
import { readBack, type Slot } from "./target.ts";
import type { RawFields, WriteCall } from "./write_call.ts";

/**
 * Returns how given values are written to a store: as field values, or else in the form that the store itself would
 * read.
 *
 * @returns The draft, or a string that says why there is none.
 * @throws {CredentialError} If it has two forms at once, or a value that the store cannot read.
 */
export function draftOf(call: WriteCall, slot: Slot, given: RawFields): Draft | string {
  const { layout } = slot;
  if (call.areFields(given)) return layout.obstacle(Object.keys(given)) ?? layout.draft(given);
  return recognize(call, slot, given) ?? layout.otherNames;
}

/**
 * Returns how given values are written to the chosen store.
 *
 * @throws {CredentialError} If the store cannot hold it.
 */
export function draftAt(call: WriteCall, slot: Slot, given: RawFields): Draft {
  const draft = draftOf(call, slot, given);
  if (typeof draft === "string") throw call.unfit(given, `"${slot.source.store.name}" ${draft}`);
  return draft;
}

function recognize(call: WriteCall, slot: Slot, members: RawFields): Draft | undefined {
  const { source, layout } = slot;
  const given = asJson(layout.document ?? "what was given", members);
  if (isRefusal(given)) throw call.refused(source, given);
  const reading = readBack(source, given);
  if (isRefusal(reading)) throw call.refused(source, reading);
  if (reading.outcome === "miss" || !hasIdentity(call, reading)) return undefined;
  const draft = layout.draftOfForm(given, reading);
  const other = otherForm(call, slot, given, draft);
  if (other !== undefined) {
    const own = list(draft.places.map(({ name }) => name));
    throw call.error("invalid", `it was given in two forms at once, as ${own}, and as ${other}: give one of them`);
  }
  const { names } = call.plan;
  // Hint: among field values, an unknown name may be a mistyped optional field.
  return draft.places.every(({ path: [name, ...rest] }) => rest.length === 0 && names.includes(name!))
    ? undefined
    : draft;
}

function hasIdentity({ plan }: WriteCall, { values, missingParts }: FieldValues): boolean {
  return missingParts !== undefined || plan.identity.some((at) => values[at] !== undefined);
}

/**
 * Returns the names of another form that was given in addition to a draft: one that the store reads, or field values.
 */
function otherForm(call: WriteCall, slot: Slot, given: object, { places }: Draft): string | undefined {
  const { source, layout } = slot;
  const rest = structuredClone(given);
  for (const { path } of places) take(rest, { path, text: false, written: [] });
  const reading = readBack(source, rest);
  if (reading.outcome === "found" && hasIdentity(call, reading)) {
    return list(layout.draftOfForm(rest, reading).places.map(({ name }) => name));
  }
  // Hint: a member with a field's name may be where a form begins, like `principal` in Polaris's own answer.
  const begins = (field: string) =>
    source.reader.document?.paths.some(([name, ...inner]) => name === field && inner.length > 0);
  const fields = Object.entries(rest).flatMap(([name, value]) =>
    present(value) && call.plan.names.includes(name) && !begins(name) ? name : []
  );
  return fields.length > 0 ? `the ${fields.length > 1 ? "fields" : "field"} ${list(fields)}` : undefined;
}
