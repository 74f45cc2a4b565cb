type Members = Record<string, unknown>;

/** Sets the value at a path, and creates the objects on the way; returns why it cannot, if so. */
export function put(document: object, path: readonly string[], value: unknown): string | undefined {
  let parent = document as Members;
  for (const [at, name] of path.slice(0, -1).entries()) {
    // Hint: it is unknown whether an array or an object should be created there.
    const isThere = Object.hasOwn(parent, name) && !holdsNothing(parent[name]);
    if (!isThere && isIndex(path[at + 1]!)) {
      return `has an index where there is nothing: write /${pointer(path, at)} first`;
    }
    if (!isThere) {
      if (!accepts(parent, name)) return NO_PLACE;
      set(parent, name, {});
    }
    const next = parent[name];
    if (typeof next !== "object" || next === null) return NO_PLACE;
    parent = next as Members;
  }
  if (!accepts(parent, path.at(-1)!)) return NO_PLACE;
  set(parent, path.at(-1)!, value);
}

const NO_PLACE = "leads through a value that is not an object";

/** Whether a member may be set; in an array, only an existing element. */
function accepts(parent: object, name: string): boolean {
  return !Array.isArray(parent) || isIndex(name) && Object.hasOwn(parent, name);
}

/** Whether a part of a path may be an array index, as in a JSON Pointer (RFC 6901). */
function isIndex(name: string): boolean {
  return /^(0|[1-9]\d*|-)$/.test(name);
}

function pointer(path: readonly string[], last: number): string {
  return path.slice(0, last + 1).map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
}

/** Whether a walk takes a value for nothing. */
export function holdsNothing(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value) && value.length === 0;
}

/** Whether a value has more levels of objects and arrays than this, as a value that contains itself does. */
export function isDeeper(value: unknown, levels: number): boolean {
  const isNested = (each: unknown) => typeof each === "object" && each !== null;
  let level = new Set([value].filter(isNested));
  for (let depth = 0; depth < levels && level.size > 0; depth++) {
    level = new Set([...level].flatMap((each) => Object.values(each as object).filter(isNested)));
  }
  return level.size > 0;
}

/** What is removed, and what is written afterwards. */
export interface Removal {
  readonly path: readonly string[];
  /** Whether text is expected there; an object then belongs to another form, and stays. */
  readonly text: boolean;
  /** The paths that are written afterwards; an object on the way stays, even if it is empty. */
  readonly written: readonly (readonly string[])[];
}

/** Removes the value at a path, and the objects that are then empty. */
export function take(document: object, { path: [name = "", ...rest], text, written }: Removal): void {
  const isArray = Array.isArray(document);
  if (!Object.hasOwn(document, name) || isArray && !isIndex(name)) return;
  const members = document as Members;
  const value = members[name];
  const nested = typeof value === "object" && value !== null;
  if (rest.length === 0) {
    if (nested && text) return;
    // Hint: the other elements of an array keep their indices.
    if (isArray) members[name] = null;
    else delete members[name];
  } else if (nested) {
    const below = written.filter(([first]) => first === name).map((path) => path.slice(1));
    take(value, { path: rest, text, written: below });
    const isEmpty = !Array.isArray(value) && Object.keys(value).length === 0;
    if (isEmpty && !isArray && below.length === 0) delete members[name];
  }
}

// Hint: an assignment to `__proto__` would change the object's prototype.
function set(parent: Members, name: string, value: unknown): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}
