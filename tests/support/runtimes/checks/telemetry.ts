import { credentialAttributes, instrument, type MetricAttributes } from "../../../../src/otel/mod.ts";
import { expectEqual } from "../expect.ts";
import { makeSubject } from "../subject.ts";
import type { Checks } from "../table.ts";

/** What a resolver tells of itself to telemetry. */
export const telemetryChecks: Checks = {
  "instrument() counts a walk and no resolve of what is held, until it is disposed of": async () => {
    const { resolver } = makeSubject();
    const counted: [string, MetricAttributes][] = [];
    const gauge = { addCallback: () => {}, removeCallback: () => {} };
    const meter = {
      createCounter: (name: string) => ({
        add: (_: number, attributes: MetricAttributes) => void counted.push([name, attributes]),
      }),
      createObservableGauge: () => gauge,
    };
    const instruments = instrument(resolver, { meter });
    await resolver.resolve("db:basic");
    const credential = await resolver.resolve("db:basic");
    const walk = { "credential.key": "db:basic", "credential.outcome": "found", "credential.source": "env" };
    expectEqual(counted, [["credential.walks", walk]]);
    // Hint: `using` is not in the syntax of each runtime, and some lack the symbol.
    instruments[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    resolver.invalidate("db:basic");
    await resolver.resolve("db:basic");
    expectEqual(counted.length, 1);
    expectEqual(credentialAttributes(credential), {
      "credential.key": "db:basic",
      "credential.source": "env",
      "credential.degraded": false,
      "credential.generation": 1,
    });
  },
};
