import { textHarness } from "./desk.ts";
import type { Flaws } from "./flaws.ts";

/** Stores of documents that mix up a plain text and what is parsed of it. */
export const TEXTS_FLAWS: Flaws = {
  "gives the plain text if asked for it, and otherwise the parsed document, if it can": [
    [
      "parses a plain text",
      () => textHarness((stored) => JSON.parse(stored ?? "null")),
      /an unparsed string/,
    ],
    ["gives a part of a plain text", () => textHarness((stored) => stored?.slice(0, 9)), /the whole text/],
    ["gives the text again where it is to be parsed", () => {
      let last: string | undefined;
      return textHarness((stored, text) => text ? last = stored : last ?? JSON.parse(stored ?? "null"));
    }, /the parsed document again if context.text is false/],
  ],
  "gives no plain text of a missing document, if it can give plain text": [
    ["gives the text of nothing", () => textHarness((stored) => String(stored)), /nothing, or a blank text/],
  ],
};
