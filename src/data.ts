/** How deep data may be: what is deeper counts as no data, and as changed. */
const DEEPEST = 100;

type Data = Readonly<Record<string, unknown>>;

/** Whether a value is data as JSON has it: nothing in it that a comparison by members would miss. */
export function isData(value: unknown, depth = 0): boolean {
  if (isPlain(value)) return depth <= DEEPEST && Object.values(value).every((each) => isData(each, depth + 1));
  return value === undefined || value === null || ["string", "boolean"].includes(typeof value) ||
    Number.isFinite(value);
}

// Hint: two objects of a class may print alike and hold different secrets, so those are only equal to themselves.
/** Whether two values are the same one, or equal data. */
export function sameData(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b) || depth > DEEPEST) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameData(a[name], b[name], depth + 1));
}

/** Tells an array or an object without a class, of any realm. */
function isPlain(value: unknown): value is Data {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
