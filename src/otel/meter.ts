/** The attributes of a measurement: declared names, and codes of closed sets. @category Telemetry */
export type MetricAttributes = { [name: string]: string };

/** How an instrument is described. @category Telemetry */
export interface InstrumentDescription {
  /** What it counts or measures. */
  readonly description: string;
  /** Its unit, in UCUM: `{walk}`, `s`. */
  readonly unit: string;
}

/** A counter, such as `@opentelemetry/api` has it. @category Telemetry */
export interface CounterLike {
  /** Adds to it. */
  add(value: number, attributes: MetricAttributes): void;
}

/** What receives the values of a gauge when they are collected. @category Telemetry */
export interface ObservableResultLike {
  /** Reports a value. */
  observe(value: number, attributes: MetricAttributes): void;
}

/** A gauge that is read when it is collected, such as `@opentelemetry/api` has it. @category Telemetry */
export interface ObservableGaugeLike {
  /** Adds a function that reports values. */
  addCallback(report: (result: ObservableResultLike) => void): void;
  /** Removes it. */
  removeCallback(report: (result: ObservableResultLike) => void): void;
}

/** What creates instruments: a `Meter` of `@opentelemetry/api` is one. @category Telemetry */
export interface MeterLike {
  /** Creates a counter. */
  createCounter(name: string, description: InstrumentDescription): CounterLike;
  /** Creates a gauge that is read when it is collected. */
  createObservableGauge(name: string, description: InstrumentDescription): ObservableGaugeLike;
}
