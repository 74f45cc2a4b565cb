/** The attributes of a span, or of an event in it. @category Telemetry */
export type SpanAttributes = { [name: string]: string };

/** A span, such as `@opentelemetry/api` has it. @category Telemetry */
export interface SpanLike {
  /** Adds an event, at a time in milliseconds since 1970. */
  addEvent(name: string, attributes: SpanAttributes, time: number): unknown;
  /** Sets its status; code 2 is an error. */
  setStatus(status: { readonly code: 2; readonly message: string }): unknown;
  /** Ends it at a time in milliseconds since 1970. */
  end(time: number): void;
}

/** How a span begins. @category Telemetry */
export interface SpanStart {
  /** When, in milliseconds since 1970. */
  readonly startTime: number;
  /** Its attributes. */
  readonly attributes: SpanAttributes;
}

/** What creates spans: a `Tracer` of `@opentelemetry/api` is one. @category Telemetry */
export interface TracerLike {
  /** Begins a span, below the one that is active. */
  startSpan(name: string, start: SpanStart): SpanLike;
}
