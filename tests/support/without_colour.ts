/** Returns a text without the codes that colour it, as Deno does if FORCE_COLOR is set. */
export function withoutColour(text: string): string {
  // deno-lint-ignore no-control-regex -- The codes begin with a control character.
  return text.replace(/\x1b\[[\d;]*m/g, "");
}
