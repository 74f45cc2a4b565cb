import { nearest } from "../core/chain/unknown_name.ts";

/**
 * Quotes what a user mistyped, in a message, if it is nearly a known name; anything else may be a secret that was
 * pasted in the wrong place, and is not shown.
 *
 * @param text What was given.
 * @param known The known names.
 * @param shown The text as it is shown.
 * @returns The quoted text after a space, or nothing.
 */
export function quoted(text: string, known: readonly string[], shown = `"${text}"`): string {
  return nearest(text, known) === undefined ? "" : ` ${shown}`;
}

/** Replaces control characters in text from another machine, which a terminal would execute. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}
