import type { Clock } from "../chain/host.ts";
import { MINUTE } from "../chain/limits.ts";
import { isRefusal, unavailable } from "../chain/outcome.ts";
import type { Text } from "./read_file.ts";

/**
 * Returns a function that refuses, for a minute, a file that had a text and is now empty: rewriting a file in place
 * empties it first, and the writer may be interrupted before it writes the rest.
 */
export function refuseEmptied(clock: Clock): (shown: string, text: Text) => Text {
  /** Since when each file has been empty: `Infinity` while it has a text, `-Infinity` if it had none before. */
  const emptySince = new Map<string, number>();
  return (shown, text) => {
    if (text !== "") {
      if (!isRefusal(text)) emptySince.set(shown, text ? Infinity : -Infinity);
      return text;
    }
    const now = clock.now();
    // Hint: if the clock went back, the minute begins anew.
    const since = Math.min(emptySince.get(shown) ?? -Infinity, now);
    emptySince.set(shown, since);
    return now - since < MINUTE
      ? unavailable(`${shown} was emptied: expected a value within a minute`, { transient: true })
      : text;
  };
}
