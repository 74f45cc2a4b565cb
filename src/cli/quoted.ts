/**
 * Quotes what a user mistyped, in a message, where it may well be a name of that kind; anything else may be a secret that
 * was pasted in the wrong place, and nothing of it is shown.
 *
 * @param text What was given.
 * @param name What a name of that kind looks like.
 * @param quote The quotation mark.
 * @returns The quoted text after a space, or nothing.
 */
export function quoted(text: string, name: RegExp, quote = '"'): string {
  return name.test(text) ? ` ${quote}${text}${quote}` : "";
}

/** Replaces control characters in text from another machine, which a terminal would execute. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}
