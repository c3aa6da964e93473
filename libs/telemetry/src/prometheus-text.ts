import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** The content type of `prometheusText`. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The words of units in names of metrics, by their symbols (UCUM). Units in braces, such as {record}, are no part of a name. */
const wordsOfUnits: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };

/**
 * The name of an instrument in the Prometheus text format, as the OpenTelemetry specification forms it ("Prometheus and OpenMetrics
 * Compatibility"): with underscores, with the unit, and for counters with `total` at the end.
 */
export function prometheusName(name: string, unit: string, isCounter: boolean): string {
  const word = Object.hasOwn(wordsOfUnits, unit) ? wordsOfUnits[unit] : undefined;
  const parts = [name.replaceAll('.', '_'), word, isCounter ? 'total' : undefined];
  return parts.filter((part) => part !== undefined).join('_');
}

// Without the labels of the scope and the metric of the resource: the server that reads knows what it reads from.
const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);

/** What was read from the instruments of a service, in the Prometheus text format, version 0.0.4. */
export const prometheusText = (read: ResourceMetrics): string =>
  serializer.serialize({
    ...read,
    scopeMetrics: read.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(withUnit),
    })),
  });

/** The serializer adds `total` itself. */
const withUnit = (metric: MetricData): MetricData => {
  const { descriptor } = metric;
  const name = prometheusName(descriptor.name, descriptor.unit, false);
  return { ...metric, descriptor: { ...descriptor, name } };
};
