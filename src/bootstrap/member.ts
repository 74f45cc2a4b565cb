type Members = Record<string, unknown>;

/** Puts a value at a path, and makes the objects that lead there; says whether it could. */
export function put(document: object, path: readonly string[], value: unknown): boolean {
  let parent = document as Members;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(parent, name)) set(parent, name, {});
    const next = parent[name];
    if (typeof next !== "object" || next === null || Array.isArray(next)) return false;
    parent = next as Members;
  }
  set(parent, path.at(-1)!, value);
  return true;
}

/**
 * Takes away what is at a path, and the objects that are empty without it. Where a text belongs, an object is the way
 * to another form's text, and stays.
 */
export function take(document: object, path: readonly string[], text: boolean): void {
  const [name, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(document, name)) return;
  const members = document as Members;
  const value = members[name];
  const nested = typeof value === "object" && value !== null;
  if (rest.length === 0) {
    if (!nested || !text) delete members[name];
  } else if (nested) {
    take(value, rest, text);
    if (!Array.isArray(value) && Object.keys(value).length === 0) delete members[name];
  }
}

// Hint: an assignment to `__proto__` would change what the document is instead of what is in it.
function set(parent: Members, name: string, value: unknown): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}
