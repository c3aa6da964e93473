import { createNoopMeter, type Meter } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

import { prometheusText } from './prometheus-text.ts';

const flushMs = 3_000;
/** The most series of one instrument. The default of OpenTelemetry, 2,000, is fewer than some platforms have partitions. */
const maxSeries = 50_000;

/** The metrics of one service. */
export interface Metrics {
  /** Whether anybody gets them. If not, the instruments of the meter do nothing. */
  readonly enabled: boolean;
  readonly meter: Meter;
  /**
   * Reads every instrument.
   * @returns the Prometheus text format, version 0.0.4
   */
  readonly scrape: () => Promise<string>;
  /**
   * The last step of a service's stop: exports the last values. Never rejects: values that the collector does not accept in time
   * are lost.
   * @param withinMs how long to wait for the collector, in milliseconds
   */
  readonly stop: (withinMs?: number) => Promise<void>;
}

export interface MetricsOptions {
  /** Whether somebody calls `scrape`. */
  scraped: boolean;
  /** OTEL_EXPORTER_OTLP_ENDPOINT turns the export over OTLP on, every minute and at the stop. */
  env: NodeJS.ProcessEnv;
  /** Called if the value of an instrument cannot be read; the others are not affected. */
  onFailure: (error: unknown) => void;
}

/**
 * Starts the metrics of a service. Each service of a process has its own, and none are global: their values do not mix.
 * @param service the name of the service, in what is exported
 */
export function startMetrics(
  service: string,
  { scraped, env, onFailure }: MetricsOptions,
): Metrics {
  const reader = scraped ? new ScrapedReader() : undefined;
  const exporting = env.OTEL_EXPORTER_OTLP_ENDPOINT ? exportingReader() : undefined;
  const readers = [reader, exporting].filter((one) => one !== undefined);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    readers,
  });
  return {
    enabled: readers.length > 0,
    meter: readers.length > 0 ? provider.getMeter('casewire') : createNoopMeter(),
    async scrape() {
      if (!reader) return '';
      const { resourceMetrics, errors } = await reader.collect();
      for (const error of errors) onFailure(error);
      return prometheusText(resourceMetrics);
    },
    async stop(withinMs = flushMs) {
      await provider.shutdown({ timeoutMillis: withinMs }).catch(() => undefined);
    },
  };
}

/**
 * Everything is cumulative but gauges by callback: of these OpenTelemetry would repeat the last value of a series forever, such as
 * that of a partition which another instance has now.
 */
const temporalityOf = (type: InstrumentType): AggregationTemporality =>
  type === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;

/** Reads when it is asked to. */
class ScrapedReader extends MetricReader {
  constructor() {
    super({
      aggregationTemporalitySelector: temporalityOf,
      cardinalitySelector: () => maxSeries,
    });
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

class GaugesWithoutMemory extends OTLPMetricExporter {
  override selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return temporalityOf(type);
  }
}

const exportingReader = () =>
  new PeriodicExportingMetricReader({
    exporter: new GaugesWithoutMemory(),
    cardinalityLimits: { default: maxSeries },
  });
