import type { LogEvent } from "../core/chain/host.ts";
import { callSafely } from "../core/chain/eventually.ts";
import { disposable } from "../core/engine/disposable.ts";
import { expiring, observe } from "../core/engine/observe.ts";
import type { CounterLike, MeterLike, MetricAttributes, ObservableResultLike } from "./meter.ts";
import type { TracerLike } from "./tracer.ts";
import { traceWalk } from "./walk_span.ts";

/**
 * Where the metrics and spans of a resolver go.
 *
 * @example Metrics and spans
 * ```ts
 * import type { Resolver } from "@alphaswarm/credentials";
 * import { instrument, type InstrumentOptions } from "@alphaswarm/credentials/otel";
 * import { metrics, trace } from "npm:@opentelemetry/api@^1.10.0";
 *
 * const scope = "@alphaswarm/credentials";
 * const options: InstrumentOptions = {
 *   meter: metrics.getMeter(scope),
 *   tracer: trace.getTracer(scope),
 * };
 * export const measure = <C>(resolver: Resolver<C>) => instrument(resolver, options);
 * ```
 * @category Telemetry
 */
export interface InstrumentOptions {
  /** Creates the instruments: `metrics.getMeter("…")` of `@opentelemetry/api`. */
  readonly meter: MeterLike;
  /** Creates a span `credential.walk` each time stores are asked: `trace.getTracer("…")` of `@opentelemetry/api`. */
  readonly tracer?: TracerLike | undefined;
}

/**
 * Measures an existing resolver: how often stores are asked for a credential and with what result, tokens and failures
 * to get one, and when what is held expires. A resolve of what is held is not counted, and costs no more than without
 * metrics.
 *
 * | metric                 | kind    | unit        | attributes                                                                      |
 * | ---------------------- | ------- | ----------- | ------------------------------------------------------------------------------- |
 * | `credential.walks`     | counter | `{walk}`    | `credential.key`, `credential.outcome`; `credential.source`, or `error.type`    |
 * | `credential.renewals`  | counter | `{renewal}` | `credential.source`, `credential.outcome`; `error.type` if it failed            |
 * | `credential.mints`     | counter | `{token}`   | `credential.source`, `credential.shared`                                        |
 * | `credential.receipts`  | counter | `{token}`   | `credential.source`                                                             |
 * | `credential.expiry`    | gauge   | `s`         | `credential.key`                                                                |
 *
 * Attributes are names that the chain declares, and codes. What the meter or the tracer throws at a measurement is ignored.
 *
 * @param resolver The resolver.
 * @param options Where the metrics go, and spans of the walks if they are wanted.
 * @returns Ends the measuring when disposed of. After two calls for one resolver, everything is counted twice.
 * @throws {TypeError} If it is not a resolver.
 *
 * @example Measure until the end of a block
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { instrument } from "@alphaswarm/credentials/otel";
 * import { metrics } from "npm:@opentelemetry/api@^1.10.0";
 *
 * const resolver = createResolver(defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * }));
 * using instruments = instrument(resolver, {
 *   meter: metrics.getMeter("@alphaswarm/credentials"),
 * });
 * await resolver.find("db:basic");
 * ```
 * @category Telemetry
 */
export function instrument(resolver: object, options: InstrumentOptions): Disposable {
  const { meter, tracer } = options;
  const counters = createCounters(meter);
  const gauge = meter.createObservableGauge("credential.expiry", {
    description: "The time until the latest credential of a key expires; 0 if it has expired or was lost",
    unit: "s",
  });
  const report = (result: ObservableResultLike) => {
    for (const { key, ms } of expiring(resolver)) result.observe(ms / 1_000, { "credential.key": key });
  };
  const observer = observe(resolver, (event, walk) => {
    if (tracer && event.type === "walk") callSafely(() => traceWalk(event, walk!, walkAttributes(event), tracer));
    count(counters, event);
  });
  gauge.addCallback(report);
  return disposable(() => {
    observer[Symbol.dispose]();
    gauge.removeCallback(report);
  });
}

interface Counters {
  readonly walks: CounterLike;
  readonly renewals: CounterLike;
  readonly mints: CounterLike;
  readonly receipts: CounterLike;
}

function createCounters(meter: MeterLike): Counters {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`credential.${name}`, { unit, description });
  return {
    walks: counter("walks", "{walk}", "How often stores were asked for a credential"),
    renewals: counter("renewals", "{renewal}", "How often a store gave a token, or could not"),
    mints: counter("mints", "{token}", "Tokens of a fleet that this process obtained from the server"),
    receipts: counter("receipts", "{token}", "Tokens of a fleet that this process received from another one"),
  };
}

function count({ walks, renewals, mints, receipts }: Counters, event: LogEvent): void {
  const { type, shared } = event;
  if (type === "walk") {
    walks.add(1, walkAttributes(event));
  } else if (type === "renewed" || type === "failed") {
    const by = sourceOf(event);
    renewals.add(1, { "credential.outcome": type, ...by, ...errorOf(event) });
    if (shared === "received") receipts.add(1, by);
    else if (shared) mints.add(1, { "credential.shared": shared, ...by });
  }
}

function walkAttributes(event: LogEvent): MetricAttributes {
  const outcome = event.error !== undefined ? "failed" : event.degraded ? "degraded" : "found";
  return { "credential.key": event.key!, "credential.outcome": outcome, ...sourceOf(event), ...errorOf(event) };
}

function sourceOf({ store }: LogEvent): MetricAttributes {
  return store === undefined ? {} : { "credential.source": store };
}

function errorOf({ error }: LogEvent): MetricAttributes {
  return error === undefined ? {} : { "error.type": error };
}
