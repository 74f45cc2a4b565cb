import type { LogEvent, Walked } from "../core/chain/host.ts";
import type { SpanAttributes, TracerLike } from "./tracer.ts";

/**
 * Creates a span for a walk that is over, as a child of the span of the request that caused it. Each answer is an event
 * in it. The span lasts as long as the walk waited for stores; a store that answers at once is not timed.
 *
 * @param event The event of the walk.
 * @param walk The walk.
 * @param attributes What the span says about the walk.
 * @param tracer Creates spans.
 */
export function traceWalk(
  { error }: LogEvent,
  { at, trace }: Walked,
  attributes: SpanAttributes,
  tracer: TracerLike,
): void {
  const waited = trace.reduce((sum, { ms = 0 }) => sum + ms, 0);
  let time = at - waited;
  const span = tracer.startSpan("credential.walk", { startTime: time, attributes });
  for (const { store, outcome, ms = 0 } of trace) {
    time += ms;
    span.addEvent("credential.answer", { "credential.source": store, "credential.outcome": outcome }, time);
  }
  if (error !== undefined) span.setStatus({ code: 2, message: error });
  span.end(at);
}
