import { invalid } from "../../../mod.ts";
import { byValue, byVersion, writtenHarness } from "./desk.ts";
import type { Flaws } from "./flaws.ts";

/** Stores that write over the changes of others. */
export const WRITES_FLAWS: Flaws = {
  "replaces what its look-up gave, but not a change that came first": [
    [
      "writes whatever was before",
      () => writtenHarness(() => true),
      /write\(\) to return false, and to write nothing, if another change came first/,
    ],
    ["writes nothing", () => writtenHarness(() => undefined), /the look-up to give what was written/],
    ["never writes", () => writtenHarness(() => false), /write\(\) to write over what the look-up gave/],
    [
      "refuses if another change came first",
      () => writtenHarness((now, before) => byVersion(now, before) || invalid("another change came first")),
      /to write or to return false, not to refuse/,
    ],
  ],
  "writes once where there is nothing, and does not replace what another writer created": [
    [
      "takes nothing for anything",
      () => writtenHarness((now, before) => before.value === undefined || byVersion(now, before)),
      /if another change came first/,
    ],
    [
      "cannot create",
      () => writtenHarness((now, before) => now.value !== undefined && byVersion(now, before)),
      /write\(\) to write if the look-up gave nothing/,
    ],
  ],
  "does not write over a change that was made and undone, if it gives versions": [
    [
      "compares only the value",
      () => writtenHarness(byValue),
      /write\(\) to compare before\.version, not only the value/,
    ],
  ],
};
