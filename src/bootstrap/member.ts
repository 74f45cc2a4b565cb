type Members = Record<string, unknown>;

/** Sets the value at a path, and creates the objects on the way; returns whether it could. */
export function put(document: object, path: readonly string[], value: unknown): boolean {
  let parent = document as Members;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(parent, name) || holdsNothing(parent[name])) set(parent, name, {});
    const next = parent[name];
    if (typeof next !== "object" || next === null || Array.isArray(next)) return false;
    parent = next as Members;
  }
  set(parent, path.at(-1)!, value);
  return true;
}

/** Whether a value is what a walk takes for nothing. */
export function holdsNothing(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value) && value.length === 0;
}

/**
 * Removes the value at a path, and the objects that are then empty. Where text is expected, an object leads to the text of
 * another form, and stays.
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

// Hint: an assignment to `__proto__` would change the object's prototype.
function set(parent: Members, name: string, value: unknown): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}
