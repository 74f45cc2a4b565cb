/** An unknown name, the known ones, and what those are (`"stores"`) if a message always lists them. */
export type UnknownName = readonly [name: string, known: readonly string[], plural?: string];

/** Returns the end of a message about an unknown name: the nearest known one, or all. */
export function correction([name, known, plural]: UnknownName): string {
  const near = nearest(name, known);
  const all = known.join(", ");
  if (!near) return `: ${plural ? `the ${plural} are` : "expected"} ${all}`;
  return `: did you mean "${near}"?${plural ? ` The ${plural} are ${all}` : ""}`;
}

/**
 * Returns the known name nearest to another: at most two single-letter slips away, and one for every three letters.
 * Case, `_` and `-` do not count.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const letters = (text: string) => text.replace(/[_-]/g, "").toLowerCase();
  for (let slips = 0; slips < 3; slips++) {
    const near = known.find((each) => each.length >= 3 * slips && isNear(letters(`${name}`), letters(each), slips));
    if (near) return near;
  }
}

/**
 * Whether at most this many slips turn one text into another: a letter too many, too few or wrong, or two exchanged.
 */
function isNear(a: string, b: string, slips: number): boolean {
  const isRestNear = (skip: number, other: number, left = slips - 1) => isNear(a.slice(skip), b.slice(other), left);
  if (a === b) return true;
  if (a[0] === b[0]) return isRestNear(1, 1, slips);
  return slips > 0 && (isRestNear(1, 1) || isRestNear(1, 0) || isRestNear(0, 1) ||
    (a[0] === b[1] && a[1] === b[0] && isRestNear(2, 2)));
}
