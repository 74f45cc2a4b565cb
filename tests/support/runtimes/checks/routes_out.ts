/** A way to get a value out of an object. */
export type Route = (object: object) => unknown;

interface Inspectors {
  readonly Deno?: { inspect(value: unknown, options?: object): string };
  readonly Bun?: { inspect(value: unknown, options?: object): string };
  readonly process?: { getBuiltinModule?(name: string): { inspect(value: unknown, options?: object): string } };
}

const global = globalThis as Inspectors;
const thorough = { depth: 99, showHidden: true, getters: true };

/**
 * Lists every way in which an object could show a value unintentionally on this runtime.
 *
 * @returns The routes, by name.
 */
export function routesOut(): Readonly<Record<string, Route>> {
  return { ...texts, ...parts, ...inspections() };
}

const texts: Readonly<Record<string, Route>> = {
  "String()": String,
  "a template literal": (object) => `${object}`,
  "toString()": (object) => object.toString(),
  "toLocaleString()": (object) => object.toLocaleString(),
  "joining": (object) => [object, [object]].join(),
  "a part of a URL": (object) => encodeURIComponent(String(object)),
  "JSON": (object) => JSON.stringify(object),
  "JSON of an object that contains it": (object) => JSON.stringify({ deep: [{ object }] }),
  "a response": (object) => new Response(object as never).text(),
  "a header": (object) => JSON.stringify([...new Headers({ name: JSON.stringify(object) })]),
};

const parts: Readonly<Record<string, Route>> = {
  "a spread": (object) => JSON.stringify({ ...object }),
  "its entries": (object) => JSON.stringify(Object.entries(object)),
  "Object.assign": (object) => JSON.stringify(Object.assign({}, object)),
  "a clone": (object) => everything(structuredClone(object)),
  "every property, hidden or inherited": (object) => everything(object),
  "a for-in loop": (object) => {
    const found: unknown[] = [];
    for (const name in object) found.push(name, (object as Record<string, unknown>)[name]);
    return JSON.stringify(found);
  },
  "an error's cause": (object) => everything(new Error("failed", { cause: object })),
};

function inspections(): Readonly<Record<string, Route>> {
  const util = global.process?.getBuiltinModule?.("node:util");
  const found: Record<string, Route> = {};
  for (const [name, inspector] of Object.entries({ Deno: global.Deno, Bun: global.Bun, util })) {
    if (!inspector?.inspect) continue;
    found[`${name}.inspect`] = (object) => inspector.inspect(object);
    found[`${name}.inspect with all options`] = (object) => inspector.inspect({ deep: [object] }, thorough);
    found[`${name}.inspect without the object's custom function`] = (object) =>
      inspector.inspect(object, { ...thorough, customInspect: false });
    found[`${name}.inspect of a spread`] = (object) => inspector.inspect({ ...object }, thorough);
  }
  return found;
}

/** Returns everything that reflection reaches, as text. */
function everything(value: unknown, seen: Set<unknown> = new Set()): string {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "" : String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  const own = Reflect.ownKeys(value).map((name) => {
    const { value: member, get } = Object.getOwnPropertyDescriptor(value, name)!;
    return `${String(name)}: ${everything(get && !isInternal(name) ? read(value, get) : member, seen)}`;
  });
  const prototype = Object.getPrototypeOf(value);
  return [...own, prototype === Object.prototype ? "" : everything(prototype, seen)].join("\n");
}

// Hint: the package's own modules access internals by a registered symbol, which is not an unintentional way.
function isInternal(name: PropertyKey): boolean {
  return typeof name === "symbol" && Symbol.keyFor(name)?.startsWith("@alphaswarm/credentials/") === true;
}

function read(object: object, get: () => unknown): unknown {
  try {
    return get.call(object);
  } catch {
    return undefined;
  }
}
