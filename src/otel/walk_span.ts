import type { LogEvent, Walked } from "../core/chain/host.ts";
import type { SpanAttributes, TracerLike } from "./tracer.ts";

/**
 * Creates a span of a walk that is over, below the span of the request for which stores were asked. Each answer is an event in
 * it. The span lasts as long as stores were waited for: one that answers at once is not timed.
 *
 * @param event The event of the walk.
 * @param walk The walk.
 * @param attributes What the span says of the walk.
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
