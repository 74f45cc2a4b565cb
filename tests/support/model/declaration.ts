import type { Policy } from "../../../mod.ts";

/** A store of a random chain. */
export interface StoreDecl {
  readonly name: string;
  readonly shape: "variables" | "document" | "token";
  readonly priority: number;
  readonly timeout: number;
  readonly recheck: number;
  readonly onIncomplete?: Policy | undefined;
  readonly onDenied?: Policy | undefined;
  readonly onInvalid?: Policy | undefined;
  readonly onUnavailable?: Policy | undefined;
  /** The text of the variable that its flag names; nothing without a flag. */
  readonly flag?: string | undefined;
  /** Whether others may rewrite what it reads while it reads. */
  readonly readsFiles?: boolean | undefined;
  /** The key of the credential that it needs. */
  readonly need?: string | undefined;
  /** Whether what it gives ends with that. */
  readonly binds?: boolean | undefined;
  /** Whether it renews a token that is due with only that token, without its need. */
  readonly renewsAlone?: boolean | undefined;
  readonly advisoryWindow?: number | undefined;
  readonly defaultLifetime?: number | undefined;
  readonly onExpired?: "serve" | Policy | undefined;
}

/** A field of a random credential. */
export interface FieldDecl {
  readonly name: string;
  readonly presence: "required" | "optional" | "setting" | "destination";
  /** Whether it has a schema, which takes only what begins with "v" and appends "!". */
  readonly checked: boolean;
  readonly default?: string | undefined;
  /** Of a destination: the stores other than the winner that may say it. */
  readonly from: readonly string[];
}

/** How the fields of a credential are found in one store. */
export interface MappingDecl {
  /** The names, locators, or the member of each field that is mapped. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** The document that has the locators. */
  readonly document?: string | undefined;
  /** What a token is requested for. */
  readonly resource?: string | undefined;
  /** The text that a token's mapping gives for fields. */
  readonly with?: Readonly<Record<string, string>> | undefined;
}

/** A credential of a random chain. */
export interface CredentialDecl {
  readonly key: string;
  readonly fields: readonly FieldDecl[];
  readonly anyOf: readonly string[];
  readonly from: Readonly<Record<string, MappingDecl>>;
}

/** A random chain, and the chance of its host: always the same number. */
export interface Declaration {
  readonly stores: readonly StoreDecl[];
  readonly credentials: readonly CredentialDecl[];
  readonly defaults: "allow" | "forbid" | "flag";
  readonly random: number;
  /** The store that may be installed, and its mappings. */
  readonly extra: { readonly store: StoreDecl; readonly from: Readonly<Record<string, MappingDecl>> };
}

/** Whether a field belongs to the identity. */
export function isIdentity({ presence }: FieldDecl): boolean {
  return presence === "required" || presence === "optional";
}

/** The names of the fields that a mapping maps. */
export function mappedBy(mapping: MappingDecl): readonly string[] {
  return [...Object.keys(mapping.names), ...Object.keys(mapping.with ?? {})];
}

/** The name under which a field is looked for first. */
export function preferredName({ names, document }: MappingDecl, field: string): string | undefined {
  const [first] = names[field] ?? [];
  return document && first ? `${document}#${first}` : first;
}

/** The stores that a credential maps, highest priority first. */
export function sourcesOf(decl: Declaration, credential: CredentialDecl): readonly StoreDecl[] {
  return decl.stores.filter(({ name }) => credential.from[name]).toSorted((a, b) => b.priority - a.priority);
}

/** The keys of the credentials that one needs directly. */
export function needsOf(decl: Declaration, credential: CredentialDecl): readonly string[] {
  return sourcesOf(decl, credential).flatMap(({ need }) => need ?? []);
}
