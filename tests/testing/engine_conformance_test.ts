import { assertEquals, assertRejects } from "@std/assert";
import { engineConformance } from "../../src/testing/mod.ts";
import { memoryEngine, type MemoryEngineOptions } from "../support/share/memory_engine.ts";

for (const { name, run } of engineConformance("a register in memory", memoryEngine())) Deno.test(name, run);

/** Faults of engines, and the checks that find them. */
const FAULTS: Readonly<Record<string, readonly [MemoryEngineOptions, ...string[]]>> = {
  "a swap that compares nothing": [{ compares: () => true }, "puts no text where one is", "replaces no text by an old"],
  "a swap that puts a text where one is": [
    { compares: (held, before) => before === undefined || held === before },
    "puts no text where one is",
    "lets one of 20 machines at once put a text",
  ],
  "a swap that reads and writes in two steps": [
    { pausesBeforeWrite: true },
    "lets one of 20 machines at once put a text",
  ],
  "a swap that throws where it is lost": [
    { throwsWhenLost: true },
    "puts no text where one is",
    "lets one of 20 machines at once put",
  ],
  "a clock in seconds": [{ clock: () => Math.floor(Date.now() / 1_000) }, "has a clock in milliseconds"],
  "a clock in microseconds": [{ clock: () => Date.now() * 1_000 }, "has a clock in milliseconds"],
  "a clock in milliseconds that goes on by whole seconds": [
    { clock: () => Math.floor(Date.now() / 1_000) * 1_000 },
    "has a clock that goes on as time does",
  ],
  "a clock that stands": [{ clock: () => 1.7e12 }, "has a clock that goes on as time does"],
  "no clock": [{ clock: () => undefined as never }, "gives its time alone", "has a clock in milliseconds"],
  "a ttl that is ignored": [{ ttl: () => Infinity }, "removes a text after its ttl", "counts the ttl of the newest"],
  "a ttl that is taken for seconds": [{ ttl: (ms) => ms * 1_000 }, "removes a text after its ttl"],
  "a ttl that is cut to seconds of a thousandth": [{ ttl: (ms) => ms / 1_000 }, "keeps a text for its ttl"],
  "a ttl of the first text that counts for all": [{ keepsFirstTtl: true }, "counts the ttl of the newest text alone"],
  "a get from a replica that lags": [{ lagMs: 50 }, "shows a text to every machine as soon as it is put"],
  "versions that begin again after a text is gone": [
    { versions: "counted" },
    "never takes a version of a text that is gone",
  ],
  "a swap that gives another version than get": [
    { versions: "of swap alone" },
    "replaces a text by the version that get",
  ],
  "names whose case does not count": [{ nameOf: (name) => name.toLowerCase() }, "takes no name for another"],
  "names that are cut": [{ nameOf: (name) => name.slice(0, 16) }, "takes no name for another"],
  "texts that are cut at 32 KiB": [{ textOf: (text) => text.slice(0, 32_768) }, "gives a text of 64 KiB unchanged"],
  "texts without what is not ASCII": [{ textOf: (text) => text.replace(/[^ -~]/gu, "?") }, "gives a text unchanged"],
  "texts that are trimmed": [{ textOf: (text) => text.trim() }, "gives a text unchanged"],
  "texts whose case does not count": [
    { compares: (held, before) => held?.toLowerCase().trim() === before?.toLowerCase().trim() },
    "gives a text unchanged",
  ],
  "a text for each machine": [{ isolated: true }, "shows a text to every machine as soon as it is put"],
};

for (const [fault, [options, ...expected]] of Object.entries(FAULTS)) {
  Deno.test(`engineConformance() finds ${fault}`, async () => {
    const checks = engineConformance("flawed", memoryEngine(options), { timeout: 300 });
    for (const start of expected) {
      const found = checks.filter(({ name }) => name.startsWith(`flawed ${start}`));
      assertEquals(found.length, 1, start);
      await assertRejects(found[0]!.run, Error, options.throwsWhenLost ? "" : "Expected ");
    }
  });
}

Deno.test("engineConformance() passes an engine on a machine so busy that it answers after 60 ms", async () => {
  await Promise.all(engineConformance("slow", memoryEngine({ latencyMs: 60 })).map(({ run }) => run()));
});

Deno.test("engineConformance() closes the connections of each check, also of one that fails", async () => {
  for (const options of [{}, { clock: () => Number.NaN }]) {
    let [opened, closed] = [0, 0];
    const open = memoryEngine(options);
    const checks = engineConformance("counted", () => {
      opened++;
      return { ...open(), close: () => closed++ };
    });
    await Promise.allSettled(checks.map(({ run }) => run()));
    assertEquals([opened, closed], [2 * checks.length, 2 * checks.length]);
  }
});
