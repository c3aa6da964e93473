import { startMetrics, type Metrics } from '@casewire/telemetry';

/** The metrics of a service, of which a test fails if one cannot be read. */
export const testMetrics = (): Metrics =>
  startMetrics('test', {
    scraped: true,
    env: {},
    onFailure: (error) => {
      throw error;
    },
  });

/** The samples of the text format of Prometheus whose names begin with a prefix: name with labels -> value. */
export async function samplesOf(
  { scrape }: Pick<Metrics, 'scrape'>,
  prefix: string,
): Promise<Record<string, number>> {
  const lines = (await scrape()).split('\n').filter((line) => line.startsWith(prefix));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
