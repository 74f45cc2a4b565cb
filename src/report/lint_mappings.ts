import { list } from "../errors.ts";
import type { AnyChain } from "../insides.ts";
import type { CredentialPlan, FieldPlan, Source } from "../plan.ts";
import { locatorsOf } from "../shapes/document.ts";
import type { Finding, LintRule } from "./lint.ts";

/** What is wrong with how one credential is mapped. */
export function lintMappings(chain: AnyChain, plan: CredentialPlan): readonly Finding[] {
  const path = `credentials["${plan.key}"]`;
  const found: Finding[] = [];
  const complain = (rule: LintRule, at: string, message: string) =>
    void found.push({ rule, path: path + at, message, key: plan.key });
  if (!plan.sources.some(({ serves }) => serves)) {
    complain("unreachable", ".from", "No store maps its identity: it can only be a default of the caller's");
  } else {
    lintFields(plan, complain);
  }
  for (const [at, source] of plan.sources.entries()) {
    const above = plan.sources.slice(0, at).find((other) => saysTheSame(other, source));
    const place = `.from.${source.store.name}`;
    if (above) complain("shadowed", place, `Reads what "${above.store.name}" has read before it: remove one of them`);
    if (source.store.shape.name === "document") {
      lintForms(plan, locatorsOf(chain.credentials[plan.key]!.from[source.store.name], plan.fields), place, complain);
    }
  }
  return found;
}

type Complain = (rule: LintRule, at: string, message: string) => void;

function lintFields({ fields, sources }: CredentialPlan, complain: Complain): void {
  for (const [at, field] of fields.entries()) {
    const mapping = sources.filter(({ reader, serves }) => reader.maps[at] && (serves || !field.identity));
    const names = mapping.map(({ store }) => store.name);
    for (const store of field.from.filter((store) => !names.includes(store))) {
      complain("unmapped", `.fields.${field.name}.from`, `"${store}" does not map it: map it there, or leave it out`);
    }
    if (field.fallback === undefined && !mayComeFrom(field, mapping)) {
      complain("unmapped", `.fields.${field.name}`, "No store that may give it maps it: map it, or remove it");
    }
  }
}

function mayComeFrom({ presence, from }: FieldPlan, mapping: readonly Source[]): boolean {
  return mapping.some(({ serves, store }) => presence !== "destination" || serves || from.includes(store.name));
}

function saysTheSame(one: Source, other: Source): boolean {
  const { store: a, reader: mine } = one;
  const { store: b, reader: theirs } = other;
  return a.spec === b.spec && a.shape.name !== "token" && sameText(ownOptions(a.options), ownOptions(b.options)) &&
    sameText([...mine.reads].sort(), [...theirs.reads].sort());
}

const COMMON = ["priority", "recheck", "timeout", "onIncomplete", "onDenied", "onInvalid", "onUnavailable"];

function ownOptions(options: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(options).filter(([name]) => !COMMON.includes(name)).sort(([a], [b]) => a < b ? -1 : 1);
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function lintForms(
  { fields }: CredentialPlan,
  locators: readonly (readonly string[])[],
  place: string,
  complain: Complain,
): void {
  const count = Math.max(...locators.map(({ length }) => length));
  for (const [at, own] of locators.entries()) {
    if (!fields[at]!.identity || own.length === 0 || own.length === count) continue;
    const message = `Has ${own.length} of the document's ${count} forms: in the others it is always absent`;
    complain("short_form", `${place}.fields.${fields[at]!.name}`, message);
  }
  const identity = locators.filter((_, at) => fields[at]!.identity);
  for (let form = 1; form < count; form++) {
    const own = identity.flatMap((each) => each[form] ?? []);
    const before = new Set(identity.flatMap((each) => each.slice(0, form)));
    if (own.length > 0 && own.every((locator) => before.has(locator))) {
      complain("shadowed", `${place}.fields`, `Form ${form + 1} reads ${list(own)} again, so an earlier form counts`);
    }
  }
}
