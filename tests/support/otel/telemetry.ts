import { PrometheusSerializer } from "npm:@opentelemetry/exporter-prometheus@^0.301.0";
import { type CollectionResult, MeterProvider, MetricReader } from "npm:@opentelemetry/sdk-metrics@^3.1.1";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "npm:@opentelemetry/sdk-trace@^3.1.1";

/** Collects when a test says so. */
class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Creates the SDK of OpenTelemetry, whose metrics and spans stay in memory. */
export function telemetry() {
  const reader = new ManualReader();
  const spans = new InMemorySpanExporter();
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  const collect = (): Promise<CollectionResult> => reader.collect();
  return {
    meter: meters.getMeter("@alphaswarm/credentials"),
    tracer: tracers.getTracer("test"),
    collect,
    /** The value of each series, by `name key=value,…` with the attributes in order. */
    series: async () => seriesOf(await collect()),
    /** What a Prometheus server would read. */
    prometheus: async () => new PrometheusSerializer().serialize((await collect()).resourceMetrics),
    spans: () => spans.getFinishedSpans(),
    async [Symbol.asyncDispose](): Promise<void> {
      await meters.shutdown();
      await tracers.shutdown();
    },
  };
}

function seriesOf({ resourceMetrics }: CollectionResult): Readonly<Record<string, number>> {
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return Object.fromEntries(metrics.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => {
      const shown = Object.entries(attributes).sort(([a], [b]) => a < b ? -1 : 1).map(([name, of]) =>
        `${name.replace("credential.", "")}=${of}`
      );
      return [`${descriptor.name.replace("credential.", "")} ${shown.join()}`, value as number];
    })
  ));
}
