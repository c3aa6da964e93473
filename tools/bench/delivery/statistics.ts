/** A value that the given share of all values does not exceed; NaN without values. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** The item whose value is the median; the upper one of an even number. */
export const medianBy = <T>(items: readonly T[], value: (item: T) => number): T =>
  items.toSorted((a, b) => value(a) - value(b))[Math.floor(items.length / 2)]!;

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** The percentiles of latencies, in milliseconds. */
export const percentiles = (latencies: readonly number[]) => ({
  p50: round(percentile(latencies, 0.5), 2),
  p95: round(percentile(latencies, 0.95), 2),
  p99: round(percentile(latencies, 0.99), 2),
});
