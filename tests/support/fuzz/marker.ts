import { assert } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";

/** A secret that is planted into an input, and must be in no message. */
export interface Marker {
  /** What stands in the input: the piece, several times over. */
  readonly text: string;
  /** What no message has in it, so that one that quotes a few characters of the secret is found too. */
  readonly piece: string;
}

/** Secrets that nothing else looks like. */
export const markers: fc.Arbitrary<Marker> = fc.nat({ max: 99 }).map((number) => {
  const piece = `q${String(number).padStart(2, "0")}z`;
  return { text: piece.repeat(5), piece };
});

/** Fails if a text has a piece of a secret in it, as it is or in base64. */
export function assertNoMarker(shown: string, { piece, text }: Marker): void {
  const lower = shown.toLowerCase();
  assert(!lower.includes(piece), `A planted secret is shown: ${shown.slice(0, 2_000)}`);
  const encoded = btoa(text).slice(0, 8).toLowerCase();
  assert(!lower.includes(encoded), `A planted secret is shown in base64: ${shown.slice(0, 2_000)}`);
}
