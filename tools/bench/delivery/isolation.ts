import { ceiling } from './ceiling.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { publishAtRate } from './publish.ts';
import { print } from './report.ts';
import { percentile, percentiles, round } from './statistics.ts';
import { warmUp, withEnvironment } from './with-environment.ts';

/** How an endpoint responds: 200, 500, or never. */
type Kind = 'ok' | 'fail' | 'hang';

/**
 * Measures the latency at a rate, and then how endpoints that hang or fail change it for the others.
 * @param rate events per second
 * @param bare whether the bare loop is measured at this rate, too
 */
export async function isolation(options: Options, rate: number, bare: boolean) {
  const { endpoints, bodyBytes, seconds } = options;
  const loop = bare
    ? await ceiling({
        count: rate * Math.min(10, seconds),
        atOnce: 0,
        rate,
        paths: endpoints,
        bodyBytes,
      })
    : null;
  const alone = await amongKinds(options, rate, Array<Kind>(endpoints).fill('ok'));
  const { p50, p99 } = percentiles(alone.latencies);
  const own = loop && percentiles(loop.latencies);
  const latency = { p50, p99, ...(own && { ceilingP50: own.p50, ceilingP99: own.p99 }) };
  print(
    `latency        at ${rate} /s: p50 ${p50} ms, p99 ${p99} ms${own ? `; the bare loop's own: ${own.p50}, ${own.p99}` : ''}`,
  );
  const kinds = Array.from({ length: endpoints }, (_, i): Kind =>
    i % 10 === 3 ? 'hang' : i % 10 === 7 ? 'fail' : 'ok',
  );
  const among = await amongKinds(options, rate, kinds);
  const measured = {
    // The endpoints that hang or fail, a fifth, get their share of the events too: the healthy ones get four fifths.
    ratio: round(among.perSecond / (alone.perSecond * 0.8), 3),
    p99Ratio: round(percentile(among.latencies, 0.99) / p99, 2),
  };
  print(
    `isolation      a tenth hangs, a tenth answers 500: the others keep ${measured.ratio} of their throughput, ${measured.p99Ratio} times their p99`,
  );
  return { latency, isolation: measured };
}

/** Publishes for endpoints of these kinds; measures those that respond 200, from the hand-over of their events. */
const amongKinds = (
  options: Options,
  rate: number,
  kinds: readonly Kind[],
): Promise<{ perSecond: number; latencies: number[] }> =>
  withEnvironment(options, async (environment, receiver) => {
    const { cases, seconds } = options;
    await environment.subscribe(kinds.map((kind, i) => `${receiver.url}/${kind}/${i}`));
    await environment.deliver();
    await warmUp(
      environment,
      receiver,
      kinds.flatMap((kind, i) => (kind === 'ok' ? [i] : [])),
    );
    let toHealthy = 0;
    await publishAtRate(environment, { rate, seconds }, (n) => {
      const place = (n % cases) % kinds.length;
      if (kinds[place] === 'ok') toHealthy++;
      return environment.event(place, caseOf(n % cases));
    });
    await receiver.until(toHealthy);
    const { answered, firstAt, lastAt, latencies } = await receiver.readAndReset();
    return { perSecond: answered / ((lastAt - firstAt) / 1000), latencies };
  });
