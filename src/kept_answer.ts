import type { Ambient } from "./host.ts";
import { isRefusal, type Refusal, unavailable } from "./outcome.ts";
import { readText } from "./reference.ts";
import type { Kept } from "./renewal.ts";
import type { Ask, Raw, Reader } from "./shapes/shape.ts";
import type { Answer } from "./walk.ts";

/** What a token that is kept answers for one credential's fields; one that has expired only where nothing else does. */
export function answerOfKept(
  { minted, refusal, until, ms }: Kept,
  reader: Reader,
  wanted: readonly number[],
  ambient: Ambient,
): Answer {
  if (!minted) return { reading: refusal ?? { values: [], names: reader.names }, until, ms };
  const ask: Pick<Ask, "text"> = { text: (reference) => readText(reference, ambient.variable) };
  const reading = reader.read(() => minted.values, ask as Ask, wanted) as Raw | Refusal;
  const answer = { minted, until, ms, needs: minted.needs, expiresAt: minted.expiresAt };
  if (ambient.clock.now() < minted.expiresAt) return { ...answer, reading, held: refusal };
  const why = refusal ?? unavailable("not renewed");
  const gone = unavailable(`${why.detail}; what is held has expired`);
  return { ...answer, reading: gone, expired: isRefusal(reading) ? undefined : reading };
}
