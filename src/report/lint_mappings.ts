import { list } from "../core/chain/errors.ts";
import { isReference, REFERENCE } from "../core/chain/reference.ts";
import type { CredentialPlan, FieldPlan } from "../core/engine/credential_plan.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import type { Finding, ReportFinding } from "./finding.ts";
import { lintSplitLogin } from "./lint_logins.ts";
import { lintLocators } from "./lint_locators.ts";

/** Finds the mistakes in the mappings of one credential. */
export function lintMappings(plan: CredentialPlan): readonly Finding[] {
  const path = `credentials["${plan.key}"]`;
  const found: Finding[] = [];
  const report: ReportFinding = (rule, at, message) =>
    void found.push({ rule, path: path + at, message, key: plan.key });
  if (!plan.sources.some(({ mapsIdentity }) => mapsIdentity)) {
    report(
      "unreachable",
      ".from",
      "No store maps its identity, so only a caller's default can give it: map it in a store",
    );
  } else {
    lintFields(plan, report);
  }
  for (const [at, source] of plan.sources.entries()) {
    const above = plan.sources.slice(0, at).find((other) => readsTheSame(other, source));
    const place = `.from.${source.store.name}`;
    if (above) {
      report(
        "shadowed",
        place,
        `Reads the same as "${above.store.name}", which is asked before it: remove one of them`,
      );
    }
    lintSplitLogin(source, place, report);
    const { document } = source.reader;
    if (document) {
      lintForms(plan, document.locators, place, report);
      lintLocators(plan, document.locators, place, report);
    }
  }
  return found;
}

function lintFields({ fields, sources }: CredentialPlan, report: ReportFinding): void {
  for (const [at, field] of fields.entries()) {
    const mapping = sources.filter(({ reader, mapsIdentity }) => reader.maps[at] && (mapsIdentity || !field.identity));
    const names = mapping.map(({ store }) => store.name);
    for (const store of field.from.filter((store) => !names.includes(store))) {
      report(
        "unmapped",
        `.fields.${field.name}.from`,
        `"${store}" does not map it: map it there, or remove "${store}" here`,
      );
    }
    if (field.default === undefined && !mayComeFrom(field, mapping)) {
      report("unmapped", `.fields.${field.name}`, "No store that may give it maps it: map it, or remove the field");
    }
  }
}

function mayComeFrom({ presence, from }: FieldPlan, mapping: readonly PlannedSource[]): boolean {
  return mapping.some(({ mapsIdentity, store }) =>
    presence !== "destination" || mapsIdentity || from.includes(store.name)
  );
}

function readsTheSame(one: PlannedSource, other: PlannedSource): boolean {
  const { store: a, reader: mine } = one;
  const { store: b, reader: theirs } = other;
  return a.spec === b.spec && !a.shape.issued && sameText(readingOptions(a.options), readingOptions(b.options)) &&
    sameText([...mine.reads].sort(), [...theirs.reads].sort());
}

/** The options that do not change what a store reads. */
const OPTIONS_BESIDES_READING = [
  "priority",
  "recheck",
  "timeout",
  "onIncomplete",
  "onDenied",
  "onInvalid",
  "onUnavailable",
];

function readingOptions(options: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(options).filter(([name]) => !OPTIONS_BESIDES_READING.includes(name)).sort(([a], [b]) =>
    a < b ? -1 : 1
  );
}

function sameText(one: unknown, other: unknown): boolean {
  return textOf(one) === textOf(other);
}

// Hint: JSON drops the symbol member by which kinds of references differ.
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each) => isReference(each) ? { ...each, kind: each[REFERENCE] } : each);
}

function lintForms(
  { fields }: CredentialPlan,
  locators: readonly (readonly string[])[],
  place: string,
  report: ReportFinding,
): void {
  const count = Math.max(...locators.map(({ length }) => length));
  for (const [at, own] of locators.entries()) {
    if (!fields[at]!.identity || own.length === 0 || own.length === count) continue;
    const message =
      `Has a locator for ${own.length} of the document's ${count} forms, and is absent in the others: add one for each`;
    report("short_form", `${place}.fields.${fields[at]!.name}`, message);
  }
  const identity = locators.filter((_, at) => fields[at]!.identity);
  for (let form = 1; form < count; form++) {
    const own = identity.flatMap((each) => each[form] ?? []);
    const before = new Set(identity.flatMap((each) => each.slice(0, form)));
    if (own.length > 0 && own.every((locator) => before.has(locator))) {
      report(
        "shadowed",
        `${place}.fields`,
        `Form ${form + 1} reads only ${list(own)}, which an earlier form reads: remove it`,
      );
    }
  }
}
