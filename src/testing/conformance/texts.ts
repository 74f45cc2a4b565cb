import { partsOf } from "../../core/chain/store_kind.ts";
import { internals } from "../../core/engine/internals.ts";
import { present } from "../../core/source/mapping.ts";
import { valueOf } from "../../core/source/reader.ts";
import { type Check, expect, Fixture, KEY, secrets } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";

/** What a document store must do that can give plain text. */
export const TEXT_CHECKS: readonly Check[] = [
  {
    name: "gives the plain text if asked for it, and otherwise the parsed document, if it can",
    requires: ["put"],
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const look = await openAt(harness);
      if (!look) return;
      const parsed = JSON.stringify(await look(false));
      const text = await look(true);
      expect(typeof text === "string", "an unparsed string if context.text is true");
      const holds = Object.values(values).every((value) => text.includes(value));
      expect(holds, "the whole text if context.text is true");
      expect(JSON.stringify(await look(false)) === parsed, "the parsed document again if context.text is false");
      expect(await look(true) === text, "the same text while nothing changes");
    },
  },
  {
    name: "gives no plain text of a missing document, if it can give plain text",
    requires: ["put"],
    run: async (harness) => {
      await harness.remove();
      const look = await openAt(harness);
      if (look) expect(!present(await look(true)), "nothing, or a blank text");
    },
  },
];

/** Opens a store, and returns its look-up of the credential's document; `undefined` if it cannot give plain text. */
async function openAt(harness: StoreHarness): Promise<((text: boolean) => Promise<unknown>) | undefined> {
  if (!partsOf(harness.store({ priority: 1 }))!.spec.text) return undefined;
  const fixture = new Fixture(harness);
  await fixture.resolver.find(KEY).catch(() => {});
  const { document } = internals(fixture.resolver).plan.credentials.get(KEY)!.sources[0]!.reader;
  return (text) =>
    fixture.perform<unknown>(async (look, context) =>
      valueOf(await look(document!.name, Object.assign(context, { text })), context)
    );
}
