import { type CredentialDecl, type Declaration, isIdentity, type MappingDecl, type StoreDecl } from "./declaration.ts";
import type { Said } from "./world.ts";

/** A store that has a credential and cannot give it, or that cannot be reached. */
export interface Refusal {
  readonly outcome: "denied" | "invalid" | "unavailable";
  readonly detail: string;
  readonly retryAfter?: number;
  readonly transient?: true;
  /** Whether it is the store's need that was refused. */
  readonly need?: "credential";
  /** Whether there was no answer in time. */
  readonly timeout?: true;
}

/** What a store has of a credential. */
export interface Found {
  readonly outcome: "found";
  readonly values: Readonly<Record<string, string>>;
  /** The name under which each field was looked for. */
  readonly names: Readonly<Record<string, string>>;
  /** The parts of a template that are absent while others are present. */
  readonly missingParts?: readonly string[];
  /** Whether something is there in another form. */
  readonly unrecognized?: boolean;
}

/** What a store was found to have, before it is judged. */
export type Reading = Refusal | Found | { readonly outcome: "miss" | "off" };

/** Whether a reading is a refusal. */
export function isRefusal(reading: Pick<Reading, "outcome"> | Said): reading is Refusal {
  return ["denied", "invalid", "unavailable"].includes(reading.outcome);
}

/** Whether a value counts: what is blank after trimming counts as absent. */
export function isPresent(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** Reads a token: the members that its mapping names, and what the mapping itself gives. */
export function readToken(mapping: MappingDecl, values: Readonly<Record<string, string>>): Reading {
  const members = Object.entries(mapping.names).map(([field, [member]]) => [field, member!] as const);
  const found = members.filter(([, member]) => isPresent(values[member]));
  if (members.length > 0 && found.length === 0) return { outcome: "invalid", detail: "the answer has none of" };
  return {
    outcome: "found",
    values: { ...mapping.with, ...Object.fromEntries(found.map(([field, member]) => [field, values[member]!])) },
    names: Object.fromEntries(members),
  };
}

type Path = readonly string[];

function pathOf(locator: string): Path {
  return locator.startsWith("/") ? locator.slice(1).split("/") : [locator];
}

/** The paths that a locator follows: a template has one for each of its parts. */
function pathsOf(locator: string): readonly Path[] {
  const parts = [...locator.matchAll(/\{([^}]+)\}/g)].map(([, part]) => part!);
  return (parts.length > 0 ? parts : [locator]).map(pathOf);
}

function follow(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, name) => Object(at)[name], document);
}

/** Reads a document: the first form in which there is a part of the identity. */
export function readDocument(
  decl: Declaration,
  credential: CredentialDecl,
  store: StoreDecl,
  document: unknown,
): Reading {
  const mapping = credential.from[store.name]!;
  if (document === undefined || document === null) return { outcome: "miss" };
  if (Object.keys(document).length === 0) return { outcome: "miss" };
  if (Array.isArray(document)) return { outcome: "invalid", detail: "is an array: expected a JSON object" };
  const identity = credential.fields.filter(isIdentity).map(({ name }) => name);
  const count = Math.max(...Object.values(mapping.names).map(({ length }) => length));
  let settings: Found | undefined;
  for (let at = 0; at < count; at++) {
    const form = readForm(mapping, at, document);
    if (form.missingParts || identity.some((field) => form.values[field] !== undefined)) return form;
    if (Object.keys(form.values).length > 0) settings ??= form;
  }
  if (isOccupied(decl, credential, store, document)) {
    return { outcome: "found", values: {}, names: {}, ...settings, unrecognized: true };
  }
  return settings ?? { outcome: "miss" };
}

function readForm({ names, document: name }: MappingDecl, at: number, document: unknown): Found {
  const values: Record<string, string> = {};
  const used: Record<string, string> = {};
  const missingParts: string[] = [];
  for (const [field, locators] of Object.entries(names)) {
    const locator = locators[at];
    if (locator === undefined) continue;
    used[field] = `${name}#${locator}`;
    const parts = pathsOf(locator).map((path) => [path, follow(document, path)] as const);
    const absent = parts.filter(([, value]) => !isPresent(value)).map(([[part]]) => `${name}#${part}`);
    if (absent.length === parts.length) continue;
    if (absent.length > 0) {
      missingParts.push(...absent);
      used[field] = absent[0]!;
    } else {
      values[field] = parts.map(([, value]) => value).join(":");
    }
  }
  return { outcome: "found", values, names: used, ...(missingParts.length > 0 && { missingParts }) };
}

/** Whether anything but settings is in a credential's place: all of a document, or its own section of a shared one. */
function isOccupied(decl: Declaration, credential: CredentialDecl, store: StoreDecl, document: unknown): boolean {
  const mine = credential.from[store.name]!;
  const own = Object.values(mine.names).flat().flatMap(pathsOf);
  const isSetting = (field: string) => !isIdentity(credential.fields.find(({ name }) => name === field)!);
  const pathsWhere = (wanted: boolean) =>
    Object.entries(mine.names).flatMap(([field, locators]) =>
      isSetting(field) === wanted ? locators.flatMap(pathsOf) : []
    );
  const identity = pathsWhere(false);
  if (identity.length === 0) return false;
  const others = decl.credentials.flatMap(({ from }) => {
    const other = from[store.name];
    const paths = Object.values(other?.names ?? {}).flat().flatMap(pathsOf);
    return other?.document !== mine.document || paths.some((path) => own.some((each) => isSame(each, path)))
      ? []
      : paths;
  });
  const rest = leavesOf(document).filter((leaf) => !pathsWhere(true).some((path) => isSame(path, leaf)));
  if (others.length === 0) return rest.length > 0;
  return identity.some((path) => {
    const place = path.findIndex((_, at) => !others.some((other) => beginsWith(other, path.slice(0, at + 1))));
    const section = path.slice(0, (place < 0 ? path.length : place) + 1);
    return rest.some((leaf) => beginsWith(leaf, section));
  });
}

function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function beginsWith(path: Path, start: Path): boolean {
  return start.every((name, at) => path[at] === name);
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && beginsWith(a, b);
}
