import type { Chain } from "../core/chain/chain.ts";
import { ChainError, type Problem } from "../core/chain/errors.ts";
import type { ShapeName } from "../core/chain/shape.ts";
import type { Stores } from "../core/chain/store.ts";
import { partsOf } from "../core/chain/store_kind.ts";
import { compile } from "../core/engine/plan.ts";
import { declaration, isRecord, mappings, outline, storeOptions } from "./chain_schema.ts";
import { pathText, problemsOf } from "./problems.ts";

/**
 * Checks a chain that no compiler has checked: one in JavaScript, or one that was cast.
 *
 * @param value The chain.
 * @returns The same object, as a chain.
 * @throws {ChainError} Lists every mistake, each with its path and what was expected; never a value.
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
    const parts = partsOf(store);
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
  const shape = partsOf(store)?.spec.shape.name as ShapeName | undefined;
  return shape ? problemsOf(mappings[shape], mapping, path) : [];
}

// Hint: checked here too, since a mapping that is malformed is not compiled.
/** Reports the fields of a mapping that its credential does not have. */
function nameProblems(names: readonly string[], mapping: unknown, path: readonly string[]): readonly Problem[] {
  const { fields } = Object(mapping);
  if (!isRecord(fields) || names.length === 0) return [];
  return Object.keys(fields).filter((name) => !names.includes(name)).map((name) => ({
    path: pathText([...path, "fields", name]),
    message: `Unknown member "${name}": expected ${names.join(", ")}`,
  }));
}

/** Reports what compiling finds without the malformed parts; what only follows from those is left out. */
function meaningProblems({ stores, credentials }: Untyped, structure: readonly Problem[]): readonly Problem[] {
  const broken = new Set(structure.map(({ path }) => path));
  const isBroken = (path: string) =>
    [...broken].some((at) => at === path || /^[.[]/.test(at.slice(path.length)) && at.startsWith(path));
  const wellFormed = Object.entries(credentials).map((
    [key, declared],
  ) => [key, withoutBroken(key, declared, isBroken)]);
  try {
    compile({ stores: stores as Stores, credentials: Object.fromEntries(wellFormed) });
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

/** Returns a credential without its malformed parts, so that the rest can be compiled. */
function withoutBroken(key: string, declared: unknown, isBroken: (path: string) => boolean): Members {
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
