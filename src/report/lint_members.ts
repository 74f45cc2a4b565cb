import { nearest } from "../core/chain/unknown_name.ts";
import type { Access } from "../core/engine/access.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { pathsOf } from "../core/source/locator.ts";
import { follow } from "../core/source/places.ts";
import type { DocumentRead, Path } from "../core/source/reader.ts";
import type { StorePlan } from "../core/source/source.ts";
import type { Finding } from "./finding.ts";
import { isLocal, lookUpIn } from "./lint_values.ts";

/** Finds the members of local documents whose name is nearly that of a required one that the document lacks. */
export function lintMembers({ plan, open }: Access): readonly Finding[] {
  return [...plan.credentials.values()].flatMap((credential) =>
    credential.sources.flatMap(({ store, reader: { document } }): readonly Finding[] => {
      if (!document || document.text || !isLocal(store, open)) return [];
      const content = lookUpIn(store, open)(document.name);
      return misspelledIn(Object(content), { credential, store, document }).map(([locator, near]) => ({
        rule: "misspelled_member",
        path: `credentials["${credential.key}"].from.${store.name}`,
        message: `${document.name} has ${near} and lacks ${locator}: rename it, or map ${near}`,
        key: credential.key,
      }));
    })
  );
}

/** Where a document is read. */
interface Place {
  readonly credential: CredentialPlan;
  readonly store: StorePlan;
  readonly document: DocumentRead;
}

/** Returns the locators of required fields that lead to nothing, each with the locator that is meant. */
function misspelledIn(
  content: object,
  { credential: { fields }, store, document }: Place,
): readonly (readonly [locator: string, near: string])[] {
  const read = store.readers.flatMap(({ document: other }) => other?.name === document.name ? other.paths : []);
  return fields.flatMap(({ presence }, at) => {
    const locators = document.locators[at]!;
    const isThere = (path: Path) => follow(content, path) !== undefined;
    if (presence !== "required" || locators.flatMap(pathsOf).some(isThere)) return [];
    return locators.flatMap(pathsOf).flatMap((path) => {
      const near = nearMember(content, path, read);
      return near ? [[locatorOf(path), locatorOf(near)] as const] : [];
    }).slice(0, 1);
  });
}

// Hint: any other name in a document may be a secret, so only one that is near may be shown.
/** Returns the path of a sibling of a path's end that has nearly its name and that no credential reads, if any. */
function nearMember(content: object, path: Path, read: readonly Path[]): Path | undefined {
  const parent = path.slice(0, -1);
  const beside = Object.keys(Object(follow(content, parent))).filter((name) =>
    !read.some((other) => [...parent, name].every((part, at) => other[at] === part))
  );
  const near = nearest(path.at(-1)!, beside);
  return near === undefined ? near : [...parent, near];
}

/** Returns a path as a locator: a name, or a JSON Pointer. */
function locatorOf(path: Path): string {
  return path.length === 1
    ? path[0]!
    : path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
