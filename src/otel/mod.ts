/**
 * Metrics of a resolver, and attributes for the span of a request, for OpenTelemetry.
 *
 * Use it to learn of failed renewals before callers notice, and to see in a trace which credential got a 403. The
 * package does not depend on OpenTelemetry: a meter of `@opentelemetry/api` is passed in.
 *
 * More: [OpenTelemetry](https://github.com/alphaswarm/credentials/blob/main/src/otel/README.md).
 *
 * @example Metrics, and the span of a request
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
