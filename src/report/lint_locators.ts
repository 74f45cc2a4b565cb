import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { locatorParts } from "../core/source/locator.ts";
import type { ReportFinding } from "./finding.ts";

type Locators = readonly (readonly string[])[];

/** Finds the locators of a document that look like a path but are read as the name of one member. */
export function lintLocators(
  { fields }: CredentialPlan,
  locators: Locators,
  place: string,
  report: ReportFinding,
): void {
  for (const [at, own] of locators.entries()) {
    const { name } = fields[at]!;
    for (const part of new Set(own.flatMap(locatorParts))) {
      const pointer = part === name ? undefined : pointerMeantBy(part);
      if (pointer !== undefined) report("path_notation", `${place}.fields.${name}`, messageOf(part, pointer));
    }
  }
}

function messageOf(part: string, pointer: string): string {
  return part.startsWith("/")
    ? `"${part}" is not how a JSON Pointer is written: expected "${pointer}"`
    : `"${part}" is read as the name of one member, not as a path: expected the JSON Pointer "${pointer}", or ` +
      `"${pointerTo([part])}" for a member of that name`;
}

/** Returns the JSON Pointer (RFC 6901) that was probably meant; `undefined` for a plain name or a valid pointer. */
function pointerMeantBy(part: string): string | undefined {
  if (part.includes("://")) return undefined;
  if (part.startsWith("/")) {
    const pointer = repaired(part);
    return pointer === part || pointer === "" ? undefined : pointer;
  }
  if (part.includes("/")) return repaired(part.replace(/^[#.]?\/?/, "/"));
  if (!/\.|\[[^\]]+\]/.test(part)) return undefined;
  const path = part.replace(/^\$(?=[.[])/, "").matchAll(/\[(['"]?)([^\]]*)\1\]|[^.[\]]+/g);
  const names = [...path].map(([name, , inBrackets]) => inBrackets ?? name);
  return names.length > 0 ? pointerTo(names) : undefined;
}

function pointerTo(names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function repaired(pointer: string): string {
  return pointer.replace(/\/?\[(\d+)\]/g, "/$1").replace(/~(?![01])/g, "~0").replace(/\/+$/, "");
}
