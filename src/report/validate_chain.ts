import type { Chain } from "../chain.ts";
import { ChainError, type Problem } from "../errors.ts";

import { compile } from "../plan.ts";
import type { ShapeName } from "../shapes/shape.ts";
import { inside, type Stores } from "../stores/store.ts";
import { declaration, isRecord, mappings, outline, storeOptions } from "./chain_schema.ts";
import { pathText, problemsOf } from "./problems.ts";

/**
 * Checks a chain that no type has checked: one of JavaScript's, a cast, another package's.
 *
 * @param value What should be a chain.
 * @returns The same, as a chain.
 * @throws {ChainError} Everything that is wrong with it, each with its place and what would be right; never a value.
 *
 * @example
 * ```ts
 * import { env } from "@alphaswarm/credentials";
 * import { validateChain } from "@alphaswarm/credentials/report";
 *
 * try {
 *   validateChain({ stores: { env: env({ priority: 100 }) }, credentials: { "polaris:oauth": { from: {} } } });
 * } catch (error) {
 *   console.log((error as Error).message); // credentials["polaris:oauth"].fields: Missing: expected fields
 * }
 * ```
 * @category Reports
 */
export function validateChain(value: unknown): Chain {
  const outlined = problemsOf(outline, value, []);
  const chain = value as Untyped;
  if (!isRecord(value) || !isRecord(chain.stores) || !isRecord(chain.credentials)) throw new ChainError(outlined);
  const structure = [...outlined, ...storeProblems(chain.stores), ...credentialProblems(chain)];
  const problems = [...structure, ...meaningProblems(chain, structure)];
  if (problems.length > 0) throw new ChainError(problems);
  return value as unknown as Chain;
}

type Members = Readonly<Record<string, unknown>>;

interface Untyped {
  readonly stores: Members;
  readonly credentials: Members;
}

function storeProblems(stores: Members): readonly Problem[] {
  return Object.entries(stores).flatMap(([name, store]) => {
    const parts = inside(store);
    return parts ? problemsOf(storeOptions, parts.options, ["stores", name]) : [];
  });
}

function credentialProblems({ stores, credentials }: Untyped): readonly Problem[] {
  return Object.entries(credentials).flatMap(([key, declared]) => {
    const { fields, from } = Object(declared);
    const names = isRecord(fields) ? Object.keys(fields) : [];
    const mapped = isRecord(from) ? Object.entries(from) : [];
    const below = mapped.flatMap(([store, mapping]) => {
      const path = ["credentials", key, "from", store];
      return [...shapeProblems(stores[store], mapping, path), ...nameProblems(names, mapping, path)];
    });
    return [...problemsOf(declaration, declared, ["credentials", key]), ...below];
  });
}

function shapeProblems(store: unknown, mapping: unknown, path: readonly string[]): readonly Problem[] {
  const shape = inside(store)?.spec.shape.name as ShapeName | undefined;
  return shape ? problemsOf(mappings[shape], mapping, path) : [];
}

/** Fields of a mapping that its credential doesn't have; told here too, since a mapping with no right form isn't compiled. */
function nameProblems(names: readonly string[], mapping: unknown, path: readonly string[]): readonly Problem[] {
  const { fields } = Object(mapping);
  if (!isRecord(fields) || names.length === 0) return [];
  return Object.keys(fields).filter((name) => !names.includes(name)).map((name) => ({
    path: pathText([...path, "fields", name]),
    message: `Unknown member "${name}": expected ${names.join(", ")}`,
  }));
}

/** What compiling finds, once what has no right form is left out; what only follows from that is not told. */
function meaningProblems({ stores, credentials }: Untyped, structure: readonly Problem[]): readonly Problem[] {
  const broken = new Set(structure.map(({ path }) => path));
  const isBroken = (path: string) =>
    [...broken].some((at) => at === path || /^[.[]/.test(at.slice(path.length)) && at.startsWith(path));
  const mended = Object.entries(credentials).map(([key, declared]) => [key, mend(key, declared, isBroken)]);
  try {
    compile({ stores: stores as Stores, credentials: Object.fromEntries(mended) });
    return [];
  } catch (error) {
    if ((error as Error).name !== "ChainError") throw error;
    const fieldless = Object.keys(credentials).filter((key) => !isRecord(Object(credentials[key]).fields));
    return (error as ChainError).problems.filter(({ path, message }) =>
      !broken.has(path) && !fieldless.some((key) => message.startsWith(`The credential "${key}" has no field`))
    );
  }
}

const ANY_FIELD = { presence: "optional" };

/** A credential without what has no right form, so that the rest of it can be compiled. */
function mend(key: string, declared: unknown, isBroken: (path: string) => boolean): Members {
  const { fields, anyOf, from } = Object(declared);
  if (!isRecord(fields)) return { fields: { any: ANY_FIELD }, from: {} };
  const path = (...rest: readonly string[]) => pathText(["credentials", key, ...rest]);
  const sound = (part: unknown, name: string) =>
    Object.entries(isRecord(part) ? part : {}).filter(([each]) => !isBroken(path(name, each)));
  return {
    fields: {
      ...Object.fromEntries(Object.keys(fields).map((name) => [name, ANY_FIELD])),
      ...Object.fromEntries(sound(fields, "fields")),
    },
    ...(anyOf === undefined || isBroken(path("anyOf")) ? {} : { anyOf }),
    from: Object.fromEntries(sound(from, "from")),
  };
}
