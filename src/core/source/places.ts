import { ownMember } from "./mapping.ts";
import type { DocumentRead, Path } from "./reader.ts";

/** The paths of a credential in a document. */
export interface Places {
  readonly identity: readonly Path[];
  readonly settings: readonly Path[];
  /** The paths of the other credentials that share the document. */
  readonly others: readonly Path[];
}

/**
 * Returns the paths of the other credentials in the same document, without those that have a path in common with this
 * one.
 */
export function pathsOfOthers(own: DocumentRead, all: readonly (DocumentRead | undefined)[]): readonly Path[] {
  return all.flatMap((other) =>
    other?.name !== own.name || other.paths.some((path) => own.paths.some((mine) => isSame(mine, path)))
      ? []
      : other.paths
  );
}

/** Whether a document has anything but settings at the places of a credential. */
export function isOccupied(document: object, { identity, settings, others }: Places): boolean {
  // Hint: what is at the place of the identity is not a setting, even if a setting has the same path or a shorter one.
  const besides = settings.filter((path) => !identity.some((place) => startsWith(place, path)));
  if (others.length === 0) return hasMoreThan(document, besides);
  return identity.some((path) => {
    const place = ownPlace(path, others);
    const parent = reach(document, place.slice(0, -1));
    if (typeof parent !== "object") return parent !== undefined;
    const value = ownMember(Object(parent), place.at(-1)!);
    if (value === undefined) return false;
    return place.length === path.length || value !== null && hasMoreThan(value, pathsFrom(place, besides));
  });
}

type Members = Readonly<Record<string, unknown>>;

/** Returns the shortest beginning of a path that no other credential shares: the credential's own section. */
function ownPlace(path: Path, others: readonly Path[]): Path {
  const length = path.findIndex((_, at) => !others.some((other) => startsWith(other, path.slice(0, at + 1))));
  return length < 0 ? path : path.slice(0, length + 1);
}

/** Returns the value at a path, or what is on the way instead of an object. */
function reach(document: object, path: Path): unknown {
  return path.reduce<unknown>(
    (value, name) => value && typeof value === "object" ? ownMember(Object(value), name) : value,
    document,
  );
}

/** Returns what is at a path; text has no members. */
export function follow(document: object, path: Path): unknown {
  let value: unknown = document;
  for (const name of path) value = typeof value === "object" ? ownMember(Object(value), name) : undefined;
  return value;
}

/** Whether a value has anything that is not one of these settings. */
function hasMoreThan(value: unknown, settings: readonly Path[]): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.keys(value).some((name) => {
    const inside = pathsFrom([name], settings);
    return inside.length === 0 ||
      inside.every(({ length }) => length > 0) && hasMoreThan((value as Members)[name], inside);
  });
}

/** Returns the paths that begin with a place, relative to it. */
function pathsFrom(place: Path, paths: readonly Path[]): readonly Path[] {
  return paths.filter((path) => startsWith(path, place)).map((path) => path.slice(place.length));
}

function startsWith(path: Path, place: Path): boolean {
  return place.every((name, at) => path[at] === name);
}

function isSame(path: Path, other: Path): boolean {
  return path.length === other.length && startsWith(path, other);
}
