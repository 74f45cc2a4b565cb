import type { StoreDescription } from "../core/engine/describe.ts";

/** Why the variable that gives an option cannot be read, in words. */
export const UNREADABLE = { denied: "may not be read", invalid: "is not text", unavailable: "cannot be read" } as const;

/**
 * Returns the options that say what a store reads, such as its `mount`, without those that a variable gives, which are
 * listed as references.
 */
export function writtenOptions(
  { options = {}, references }: StoreDescription,
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(options).filter(([name]) => references.every(({ option }) => option !== name));
}
