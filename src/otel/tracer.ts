/**
 * The attributes of a span, or of an event in it.
 *
 * @example Find the key of a span
 * ```ts
 * import type { SpanAttributes } from "@alphaswarm/credentials/otel";
 *
 * const keyOf = (attributes: SpanAttributes) => attributes["credential.key"];
 * console.log(keyOf({ "credential.key": "db:user", "credential.outcome": "found" }));
 * // "db:user"
 * ```
 * @category Telemetry
 */
export type SpanAttributes = { [name: string]: string };

/**
 * A span, as in `@opentelemetry/api`.
 *
 * @example A span that prints itself
 * ```ts
 * import type { SpanLike } from "@alphaswarm/credentials/otel";
 *
 * const printed = (name: string, start: number): SpanLike => ({
 *   addEvent: (event, attributes, time) =>
 *     console.log(`  ${time - start} ms ${event}`, attributes),
 *   setStatus: ({ message }) => console.log(`  failed: ${message}`),
 *   end: (time) => console.log(`${name}: ${time - start} ms`),
 * });
 * printed("credential.walk", 1_000).end(1_012); // credential.walk: 12 ms
 * ```
 * @category Telemetry
 */
export interface SpanLike {
  /** Adds an event, at a time in milliseconds since 1970. */
  addEvent(name: string, attributes: SpanAttributes, time: number): unknown;
  /** Sets its status; code 2 is an error. */
  setStatus(status: { readonly code: 2; readonly message: string }): unknown;
  /** Ends it at a time in milliseconds since 1970. */
  end(time: number): void;
}

/**
 * How a span begins.
 *
 * @example When a span began
 * ```ts
 * import type { SpanStart } from "@alphaswarm/credentials/otel";
 *
 * const line = ({ startTime, attributes }: SpanStart) =>
 *   `${new Date(startTime).toISOString()} ${attributes["credential.key"]}`;
 * console.log(line({ startTime: 0, attributes: { "credential.key": "db:user" } }));
 * // "1970-01-01T00:00:00.000Z db:user"
 * ```
 * @category Telemetry
 */
export interface SpanStart {
  /** When, in milliseconds since 1970. */
  readonly startTime: number;
  /** Its attributes. */
  readonly attributes: SpanAttributes;
}

/**
 * What creates spans: a `Tracer` of `@opentelemetry/api` is one.
 *
 * @example Without OpenTelemetry
 * ```ts
 * import type { TracerLike } from "@alphaswarm/credentials/otel";
 *
 * export const tracer: TracerLike = {
 *   startSpan: (name, { startTime }) => ({
 *     addEvent: () => {},
 *     setStatus: ({ message }) => console.warn(`${name} failed: ${message}`),
 *     end: (time) => console.log(`${name}: ${time - startTime} ms`),
 *   }),
 * };
 * ```
 * @category Telemetry
 */
export interface TracerLike {
  /** Begins a span, as a child of the active one. */
  startSpan(name: string, start: SpanStart): SpanLike;
}
