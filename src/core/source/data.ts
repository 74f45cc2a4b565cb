/** How deep data may be nested: anything deeper is not plain data, and counts as changed. */
const MAX_DEPTH = 100;

type Data = Readonly<Record<string, unknown>>;

/**
 * Whether a value is plain data, as in JSON: it holds nothing that a comparison by members would miss, and no array has
 * an `undefined` in it, which JSON would write as `null`.
 */
export function isData(value: unknown, depth = 0): boolean {
  if (isPlain(value)) {
    // Hint: a hole in an array has no key.
    const isWhole = !Array.isArray(value) || Object.keys(value).length === value.length && !value.includes(undefined);
    return isWhole && depth <= MAX_DEPTH && Object.values(value).every((each) => isData(each, depth + 1));
  }
  return value === undefined || value === null || ["string", "boolean"].includes(typeof value) ||
    Number.isFinite(value);
}

// Hint: two objects of a class may print alike and hold different secrets, so each equals only itself.
/** Whether two values are the same one, or equal plain data. */
export function sameData(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b) || depth > MAX_DEPTH) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameData(a[name], b[name], depth + 1));
}

/** Whether a value is an array or an object without a class, of any realm. */
export function isPlain(value: unknown): value is Data {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Returns the same text for equal data, in whatever order its members were written. */
export function canonical(data: unknown): string {
  return JSON.stringify(
    data,
    (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
        : value,
  ) ?? "";
}
