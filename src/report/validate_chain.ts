import type { AnyChain, Chain } from "../core/chain/chain.ts";
import { ChainError, type Problem } from "../core/chain/errors.ts";
import type { Presence } from "../core/chain/field.ts";
import type { ShapeName } from "../core/chain/shape.ts";
import { mistyped } from "../core/chain/option_types.ts";
import { isFlag, isReference, type Reference } from "../core/chain/reference.ts";
import { type Parts, partsOf } from "../core/chain/store_kind.ts";
import { correction, nearest } from "../core/chain/unknown_name.ts";
import { compile } from "../core/engine/plan.ts";
import { type LocatedReference, optionReferences, referencesIn } from "../core/source/references.ts";
import { declaration, isRecord, mappings, outline, storeOptions } from "./chain_schema.ts";
import { pathText, problemsOf } from "./problems.ts";

/**
 * Checks a chain that the TypeScript compiler has not checked: one in JavaScript, or one that was cast.
 *
 * @param value The chain.
 * @returns The same object, as a chain.
 * @throws {ChainError} Lists every mistake, each with its path and what was expected; never a value.
 *
 * @example A member that is misspelt
 * ```ts
 * import { env } from "@alphaswarm/credentials";
 * import { validateChain } from "@alphaswarm/credentials/report";
 *
 * try {
 *   validateChain({
 *     stores: { env: env({ priority: 100 }) },
 *     credentials: {},
 *     default: "forbid",
 *   });
 * } catch (error) {
 *   console.log((error as Error).message);
 *   // default: Unknown member "default": did you mean "defaults"?
 * }
 * ```
 * @category Reports
 */
export function validateChain(value: unknown): Chain {
  const outlined = problemsOf(outline, value, []);
  if (!isRecord(value)) throw new ChainError(outlined);
  const { stores, credentials } = value;
  const structure = isRecord(stores) && isRecord(credentials)
    ? [...outlined, ...storeProblems(stores), ...credentialProblems(stores, credentials)]
    : outlined.filter(({ path }) => Object.hasOwn(value, path) || nearest(path, Object.keys(value)) === undefined);
  const problems = [
    ...structure,
    ...referenceProblems(within(value.defaults), ["defaults"]),
    ...meaningProblems(value, structure),
  ];
  if (problems.length > 0) throw new ChainError(problems);
  return value as unknown as Chain;
}

type Members = Readonly<Record<string, unknown>>;

function storeProblems(stores: Members): readonly Problem[] {
  return Object.entries(stores).flatMap(([name, store]) => {
    const parts = partsOf(store);
    if (!parts) return [];
    const keys = parts.needs.filter((need) => typeof parts.options[need] !== "string");
    return [
      ...problemsOf(storeOptions, parts.options, ["stores", name]),
      ...typeProblems(name, parts),
      ...flagProblems(nested(parts.options), ["stores", name]),
      ...referenceProblems(optionReferences(parts.options), ["stores", name]),
      ...keys.map((need) => ({ path: `stores.${name}.${need}`, message: 'Expected a key such as "service:purpose"' })),
    ];
  });
}

/** Reports the options of a store that are not of their listed type. */
function typeProblems(store: string, { spec: { options: listed = [] }, options }: Parts): readonly Problem[] {
  if (Array.isArray(listed)) return [];
  // Hint: a reference stands for text.
  const given = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, isReference(value) && !isFlag(value) ? "" : value]),
  );
  return mistyped(given, listed as Readonly<Record<string, string>>).map(([name, expected]) => ({
    path: pathText(["stores", store, name]),
    message: `Expected ${expected}`,
  }));
}

/** Returns the options that may contain references. */
function nested({ enabled: _, ...options }: Parts["options"]): Members {
  return Object.fromEntries(Object.entries(options).filter(([, option]) => !isReference(option)));
}

/** Returns the references in the members of a value. */
function within(value: unknown): readonly LocatedReference[] {
  return Object.entries(Object(value)).flatMap(([name, each]) => referencesIn(each, name));
}

/** Reports the flags that stand where text is expected. */
function flagProblems(value: unknown, path: readonly string[]): readonly Problem[] {
  return within(value).filter(({ reference }) => isFlag(reference)).map(({ option }) => ({
    path: pathText([...path, ...option.split(".")]),
    message: "Expected a string or a reference, such as fromEnv() returns",
  }));
}

/** Reports the references whose variable cannot have that name, or whose fallback is not text. */
function referenceProblems(references: readonly LocatedReference[], path: readonly string[]): readonly Problem[] {
  return references.flatMap(({ option, reference }) => {
    const { variable, fallback = "" } = reference as Reference;
    const at = pathText([...path, ...option.split(".")]);
    return [
      ...typeof variable !== "string" || !/^[^=\0]*[^=\0\s][^=\0]*$/.test(variable)
        ? [{ path: at, message: "Expected a reference with the name of a variable" }]
        : [],
      ...typeof fallback === "string" ? [] : [{ path: at, message: "Expected a string as the fallback" }],
    ];
  });
}

function credentialProblems(stores: Members, credentials: Members): readonly Problem[] {
  return Object.entries(credentials).flatMap(([key, declared]) => {
    const { fields, from } = Object(declared);
    const below = Object.entries(isRecord(from) ? from : {}).flatMap(([store, mapping]) => {
      const shape = partsOf(stores[store])?.spec.shape.name as ShapeName | undefined;
      const path = ["credentials", key, "from", store];
      if (!shape || mapping === undefined) return [];
      return [
        ...problemsOf(mappings[shape], mapping, path),
        ...flagProblems(mapping, path),
        ...referenceProblems(within(mapping), path),
      ];
    });
    const presences = Object.entries(isRecord(fields) ? fields : {}).flatMap(([name, field]) =>
      presenceProblems(`credentials["${key}"].fields.${name}.presence`, field)
    );
    return [
      ...problemsOf(declaration, declared, ["credentials", key]),
      ...presences,
      ...below,
      ...misplaced(key, declared),
    ];
  });
}

/** The members that a field with each presence must not have, although other fields may. */
const MISPLACED: Readonly<Record<string, readonly string[]>> = {
  required: ["default", "from"],
  optional: ["default", "from"],
  setting: ["from"],
  destination: ["schema"],
};

/** Reports the members of fields that would be ignored. */
function misplaced(key: string, declared: unknown): readonly Problem[] {
  const { fields } = Object(declared);
  return Object.entries(isRecord(fields) ? fields : {}).flatMap(([name, field]) => {
    const { presence } = Object(field);
    const unused = Object.hasOwn(MISPLACED, presence) ? MISPLACED[presence]! : [];
    return unused.filter((member) => Object(field)[member] !== undefined).map((member) => ({
      path: pathText(["credentials", key, "fields", name, member]),
      message: `A field that is ${presence} has no ${member}: remove it, or change the presence`,
    }));
  });
}

const PRESENCES: readonly unknown[] = ["required", "optional", "setting", "destination"] satisfies readonly Presence[];

function presenceProblems(path: string, field: unknown): readonly Problem[] {
  if (!isRecord(field) || PRESENCES.includes(field.presence)) return [];
  // Hint: not quoted, since somebody may have written a value instead of a field.
  const expected = correction([String(field.presence), PRESENCES as readonly string[]]);
  return [{ path, message: `Unknown presence${expected}` }];
}

/** Reports what compiling finds, with stand-ins for malformed parts; what merely follows from those is left out. */
function meaningProblems(chain: Members, structure: readonly Problem[]): readonly Problem[] {
  const broken = structure.map(({ path }) => plainPath(path));
  const { stores, credentials } = chain;
  const parts = isRecord(stores) && isRecord(credentials)
    ? { credentials: withStandIns(credentials, ["credentials"], broken) }
    : { stores: {}, credentials: {} };
  try {
    compile({ ...chain, ...parts } as unknown as AnyChain);
    return [];
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const { problems } = error;
    const unknown = problems.filter(({ message }) => message.startsWith("Unknown")).map(({ path }) => plainPath(path));
    return problems.filter(({ path }) => {
      const plain = plainPath(path);
      return !followsFrom(broken, plain) && !followsFromUnknown(unknown, plain, chain);
    });
  }
}

/**
 * Whether a problem follows from an unknown name: one in the same mapping, or one that a missing member was mistyped
 * as.
 */
function followsFromUnknown(unknown: readonly string[], path: string, { credentials }: Members): boolean {
  const [, mapping] = /^(.+\.from\.[^.]+)(?:\.fields)?$/.exec(path) ?? [];
  if (mapping) return unknown.some((at) => at.startsWith(`${mapping}.`));
  const [, key = "", member = ""] = /^credentials\.(.+)\.(fields|from)$/.exec(path) ?? [];
  return Object(Object(credentials)[key])[member] === undefined &&
    unknown.some((at) => at.slice(0, at.lastIndexOf(".")) === `credentials.${key}`);
}

// Hint: compiling writes every name after a dot.
function plainPath(path: string): string {
  return path.replace(/\["([^"]*)"\]/g, ".$1");
}

/** Whether a problem is about a malformed part, about something within one, or about a whole that contains one. */
function followsFrom(broken: readonly string[], path: string): boolean {
  const isWhole = /\.(anyOf|from(\.[^.]+)?)$/.test(path);
  return broken.some((at) => at === path || path.startsWith(`${at}.`) || isWhole && at.startsWith(`${path}.`));
}

/** Returns a part of a chain with stand-ins for what is malformed in it, so that the rest can be compiled. */
function withStandIns(part: unknown, path: readonly string[], broken: readonly string[]): unknown {
  const at = path.join(".");
  if (broken.includes(at)) return standIn(path);
  if (!isRecord(part) || !broken.some((each) => each.startsWith(`${at}.`))) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, withStandIns(value, [...path, name], broken)]),
  );
}

function standIn([, , member, ...names]: readonly string[]): unknown {
  if (member === "anyOf") return [];
  if (member !== "fields") return "any";
  return names.length === 1 ? { presence: "optional" } : names[1] === "presence" ? "optional" : "any";
}
