/**
 * Metrics of a resolver, and attributes for the span of a request, for OpenTelemetry. The package does not depend on it: a meter
 * of `@opentelemetry/api` is passed in.
 *
 * @example
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialAttributes, instrument } from "@alphaswarm/credentials/otel";
 * import { metrics, trace } from "npm:@opentelemetry/api@^1.10.0";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "search:api": { fields: { key: required() }, from: { env: { prefix: "SEARCH_" } } },
 *   },
 * });
 * const resolver = getResolver(chain);
 * instrument(resolver, { meter: metrics.getMeter("@alphaswarm/credentials") });
 *
 * export async function search(words: string): Promise<Response> {
 *   const credential = await resolver.resolve("search:api");
 *   // A 403 of this span says which credential was used.
 *   trace.getActiveSpan()?.setAttributes(credentialAttributes(credential));
 *   return await fetch(`https://search.example/?q=${encodeURIComponent(words)}`, {
 *     headers: { "x-api-key": credential.get("key") },
 *   });
 * }
 * ```
 *
 * @module
 */
export { type CredentialAttributes, credentialAttributes } from "./credential_attributes.ts";
export { instrument, type InstrumentOptions } from "./instrument.ts";
export type {
  CounterLike,
  InstrumentDescription,
  MeterLike,
  MetricAttributes,
  ObservableGaugeLike,
  ObservableResultLike,
} from "./meter.ts";
export type { SpanAttributes, SpanLike, SpanStart, TracerLike } from "./tracer.ts";
