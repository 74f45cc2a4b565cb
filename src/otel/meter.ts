/**
 * The attributes of a measurement: declared names, and codes of closed sets.
 *
 * @example The series of a counter
 * ```ts
 * import type { MetricAttributes } from "@alphaswarm/credentials/otel";
 *
 * const seriesOf = (attributes: MetricAttributes) =>
 *   Object.entries(attributes).map(([name, value]) => `${name}=${value}`).join(",");
 * console.log(seriesOf({ "credential.key": "db:user" })); // "credential.key=db:user"
 * ```
 * @category Telemetry
 */
export type MetricAttributes = { [name: string]: string };

/**
 * How an instrument is described.
 *
 * @example A line of help
 * ```ts
 * import type { InstrumentDescription } from "@alphaswarm/credentials/otel";
 *
 * const helpOf = (name: string, { description, unit }: InstrumentDescription) =>
 *   `# HELP ${name} ${description} (${unit})`;
 * const walks = { description: "How often stores were asked", unit: "{walk}" };
 * console.log(helpOf("credential.walks", walks));
 * // "# HELP credential.walks How often stores were asked ({walk})"
 * ```
 * @category Telemetry
 */
export interface InstrumentDescription {
  /** What it counts or measures. */
  readonly description: string;
  /** Its unit, in UCUM: `{walk}`, `s`. */
  readonly unit: string;
}

/**
 * A counter, as in `@opentelemetry/api`.
 *
 * @example Count in a map
 * ```ts
 * import type { CounterLike } from "@alphaswarm/credentials/otel";
 *
 * const counts = new Map<string, number>();
 * const counter: CounterLike = {
 *   add: (value, attributes) => {
 *     const source = attributes["credential.source"] ?? "";
 *     counts.set(source, (counts.get(source) ?? 0) + value);
 *   },
 * };
 * counter.add(1, { "credential.source": "m2m" });
 * console.log([...counts]); // [["m2m", 1]]
 * ```
 * @category Telemetry
 */
export interface CounterLike {
  /** Adds to it. */
  add(value: number, attributes: MetricAttributes): void;
}

/**
 * What receives the values of a gauge when they are collected.
 *
 * @example Collect the values of a gauge
 * ```ts
 * import type { ObservableResultLike } from "@alphaswarm/credentials/otel";
 *
 * const seconds = new Map<string, number>();
 * const result: ObservableResultLike = {
 *   observe: (value, attributes) =>
 *     void seconds.set(attributes["credential.key"] ?? "", value),
 * };
 * result.observe(540, { "credential.key": "polaris:rest" });
 * console.log(seconds.get("polaris:rest")); // 540
 * ```
 * @category Telemetry
 */
export interface ObservableResultLike {
  /** Reports a value. */
  observe(value: number, attributes: MetricAttributes): void;
}

/**
 * A gauge that is read when it is collected, as in `@opentelemetry/api`.
 *
 * @example A gauge that is read by hand
 * ```ts
 * import type { ObservableGaugeLike, ObservableResultLike } from "@alphaswarm/credentials/otel";
 *
 * const reports = new Set<(result: ObservableResultLike) => void>();
 * export const gauge: ObservableGaugeLike = {
 *   addCallback: (report) => void reports.add(report),
 *   removeCallback: (report) => void reports.delete(report),
 * };
 * export const collect = (result: ObservableResultLike) =>
 *   reports.forEach((report) => report(result));
 * ```
 * @category Telemetry
 */
export interface ObservableGaugeLike {
  /** Adds a function that reports values. */
  addCallback(report: (result: ObservableResultLike) => void): void;
  /** Removes it. */
  removeCallback(report: (result: ObservableResultLike) => void): void;
}

/**
 * What creates instruments: a `Meter` of `@opentelemetry/api` is one.
 *
 * @example Print every measurement
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { instrument, type MeterLike } from "@alphaswarm/credentials/otel";
 *
 * const meter: MeterLike = {
 *   createCounter: (name) => ({
 *     add: (value, attributes) => console.log(name, value, attributes),
 *   }),
 *   createObservableGauge: () => ({ addCallback: () => {}, removeCallback: () => {} }),
 * };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { DB_USER: "reader" } });
 * using _measuring = instrument(resolver, { meter });
 * await resolver.resolve("db:user");
 * // credential.walks 1 { "credential.key": "db:user", … }
 * ```
 * @category Telemetry
 */
export interface MeterLike {
  /** Creates a counter. */
  createCounter(name: string, description: InstrumentDescription): CounterLike;
  /** Creates a gauge that is read when it is collected. */
  createObservableGauge(name: string, description: InstrumentDescription): ObservableGaugeLike;
}
