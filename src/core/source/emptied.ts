import type { Clock } from "../chain/host.ts";
import { MINUTE } from "../chain/limits.ts";
import { isRefusal, unavailable } from "../chain/outcome.ts";
import type { Text } from "./read_file.ts";

/**
 * Returns what refuses, for a minute, a file that had a text and has none any more: a file that is rewritten in place is
 * emptied first, and who writes it may be stopped before the rest.
 */
export function refuseEmptied(clock: Clock): (shown: string, text: Text) => Text {
  /** Since when each file is empty: `Infinity` while it has a text, and `-Infinity` where it had none. */
  const emptySince = new Map<string, number>();
  return (shown, text) => {
    if (text !== "") {
      if (!isRefusal(text)) emptySince.set(shown, text ? Infinity : -Infinity);
      return text;
    }
    const now = clock.now();
    // Hint: where the clock went back, the minute begins anew.
    const since = Math.min(emptySince.get(shown) ?? -Infinity, now);
    emptySince.set(shown, since);
    return now - since < MINUTE
      ? unavailable(`${shown} was emptied: expected a value within a minute`, { transient: true })
      : text;
  };
}
