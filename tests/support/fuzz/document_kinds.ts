import { destination, optional, required, setting, type StandardSchema } from "../../../mod.ts";

/** The names that lead to a value. */
export type Path = readonly string[];

/** Where the value of a field is in one form of a document: at a path, or of a template at several. */
export type Place = readonly [locator: string, ...paths: readonly Path[]];

/** A credential, and where it is in a document. */
export interface Kind {
  readonly fields: Readonly<Record<string, object>>;
  readonly anyOf?: readonly string[];
  /** The forms of the document, each with the places of the identity's fields. */
  readonly forms: readonly Readonly<Record<string, Place>>[];
  /** The places of the settings. */
  readonly settings?: Readonly<Record<string, Place>>;
  /** Of a document that another credential shares: its own section, or none if its members stand side by side. */
  readonly section?: Path;
}

const login = { user: required(), word: required() };
const flat = { user: ["user", ["user"]], word: ["word", ["word"]] } as const;

// Hint: a schema's issue quotes what it was given, as those of real libraries do.
/** Accepts text and numbers. */
const textOrNumber: StandardSchema<unknown, string> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "string" || typeof value === "number" ? { value: String(value) } : {
        issues: [{ type: JSON.stringify(value), expected: JSON.stringify(value), message: JSON.stringify(value) }],
      },
  },
};

/** Every kind of mapping of a document. */
export const KINDS: Readonly<Record<string, Kind>> = {
  "members": { fields: login, forms: [flat] },
  "members and a setting": {
    fields: { ...login, region: setting() },
    forms: [flat],
    settings: { region: ["region", ["region"]] },
  },
  "an optional member": { fields: { user: optional() }, forms: [{ user: ["user", ["user"]] }] },
  "any of two members": {
    fields: { user: optional(), word: optional() },
    anyOf: ["user", "word"],
    forms: [flat],
  },
  "pointers": {
    fields: { ...login, region: setting() },
    forms: [{ user: ["/login/user", ["login", "user"]], word: ["/login/word", ["login", "word"]] }],
    settings: { region: ["/login/region", ["login", "region"]] },
  },
  "two forms": {
    fields: { ...login, note: optional() },
    forms: [
      { ...flat, note: ["note", ["note"]] },
      { user: ["/note/name", ["note", "name"]], word: ["/note/word", ["note", "word"]] },
    ],
  },
  "a template": {
    fields: { pair: required(), uri: destination() },
    forms: [
      { pair: ["{user}:{word}", ["user"], ["word"]] },
      { pair: ["{/login/user}:{/login/word}", ["login", "user"], ["login", "word"]] },
    ],
    settings: { uri: ["uri", ["uri"]] },
  },
  "pointers with escapes, to odd names and into lists": {
    fields: login,
    forms: [
      { user: ["/a~1b/~01", ["a/b", "~1"]], word: ["/__proto__/word", ["__proto__", "word"]] },
      { user: ["/hosts/0", ["hosts", "0"]], word: ["/constructor", ["constructor"]] },
    ],
  },
  "a schema": {
    fields: { user: required(textOrNumber), word: required() },
    forms: [flat],
  },
  "a section of a shared document": {
    fields: { ...login, region: setting() },
    forms: [{ user: ["/own/user", ["own", "user"]], word: ["/own/word", ["own", "word"]] }],
    settings: { region: ["/own/region", ["own", "region"]] },
    section: ["own"],
  },
  "members of a shared document": {
    fields: login,
    forms: [{ user: ["own_user", ["own_user"]], word: ["own_word", ["own_word"]] }],
    section: [],
  },
};

/** The name of the document. */
export const DOCUMENT = "d.json";

/** Returns the credential of a kind, in the stores `upper` and `lower`. */
export function credentialsOf({ fields, anyOf, forms, settings = {}, section }: Kind) {
  const locators: Record<string, readonly string[]> = {};
  for (const name of Object.keys(forms[0]!)) locators[name] = forms.flatMap((form) => form[name]?.[0] ?? []);
  for (const [name, [locator]] of Object.entries(settings)) locators[name] = [locator];
  return {
    "a:b": {
      fields,
      ...(anyOf && { anyOf }),
      from: { upper: { document: DOCUMENT, fields: locators }, lower: { prefix: "" } },
    },
    ...(section && {
      "their:own": {
        fields: login,
        from: { upper: { document: DOCUMENT, fields: { user: "/their/user", word: "/their/word" } } },
      },
    }),
  };
}

/** The paths of everything that a kind reads, and what stands beside it. */
export function pathsOf(kind: Kind): readonly Path[] {
  const settings = Object.values(kind.settings ?? {}).flatMap(([, ...paths]) => paths);
  return [...identityPathsOf(kind), ...settings, ...(kind.section ? [["their", "user"]] : [])];
}

function identityPathsOf({ forms }: Kind): readonly Path[] {
  return forms.flatMap((form) => Object.values(form)).flatMap(([, ...paths]) => paths);
}

/** Whether a document holds nothing of a credential but its settings, so that a lower store may have it. */
export function holdsNothing(kind: Kind, document: unknown): boolean {
  const { settings = {}, section } = kind;
  if (document === undefined || document === null) return true;
  if (typeof document !== "object") return false;
  if (Object.keys(document).length === 0) return true;
  if (Array.isArray(document)) return false;
  const paths = Object.values(settings).flatMap(([, ...all]) => all);
  if (!section) return hasOnly(document, paths);
  if (section.length === 0) return !identityPathsOf(kind).some(([name]) => Object.hasOwn(document, name!));
  const own = valueAt(document, section);
  return own === undefined || own === null || hasOnly(own, paths.map((path) => path.slice(section.length)));
}

function hasOnly(value: unknown, paths: readonly Path[]): boolean {
  if (paths.some((path) => path.length === 0)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, inner]) => {
    const below = paths.filter(([first]) => first === name);
    return below.length > 0 && hasOnly(inner, below.map((path) => path.slice(1)));
  });
}

/** Returns the values of the fields in each form of a document, as the simplest reader would find them. */
export function valuesByForm({ forms }: Kind, document: unknown): readonly Readonly<Record<string, unknown>>[] {
  return forms.map((form) =>
    Object.fromEntries(
      Object.entries(form).map(([name, [, ...paths]]) => {
        const found = paths.map((path) => valueAt(document, path));
        return [name, found.length > 1 ? joined(found) : found[0]];
      }),
    )
  );
}

/** Joins the parts of a template, which must be told apart again. */
function joined(parts: readonly unknown[]): string | undefined {
  const isClear = parts.every((part, at) =>
    typeof part === "string" && (at === parts.length - 1 || !part.includes(":"))
  );
  return isClear ? parts.join(":") : undefined;
}

/** Returns what is at a path, of members of their own. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const name of path) {
    const descriptor = typeof value === "object" && value !== null && Object.getOwnPropertyDescriptor(value, name);
    if (!descriptor) return undefined;
    value = descriptor.value;
  }
  return value;
}
