import { untilQuiet } from './cpu.ts';
import type { DeliveryEnvironment } from './delivery-environment.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { publishAll, publishAtRate } from './publish.ts';
import { NothingArrives, type BenchReceiver } from './receiver.ts';
import { percentile, round } from './statistics.ts';
import { firstPlaces, warmUp, withEnvironment } from './with-environment.ts';

export interface BesideBacklog {
  /** Deliveries that wait when the endpoint is enabled, each in its own lane. */
  deliveries: number;
  /** Events per second for the other endpoints. */
  rate: number;
  /** Deliveries of the backlog per second, in the same time. */
  perSecond: number;
  /** The 99th percentile of the others, in milliseconds; then that of a run without the backlog, and their ratio. */
  p99: number;
  controlP99: number;
  p99Ratio: number;
}

const rate = 300;

/** Measures the other endpoints while one endpoint with a backlog is enabled, and in a run without the backlog. */
export async function besideBacklog(options: Options): Promise<BesideBacklog> {
  const control = await measure(options, 0);
  const { p99, perSecond } = await measure(options, options.backlog);
  return {
    deliveries: options.backlog,
    rate,
    perSecond: round(perSecond),
    p99: round(p99, 2),
    controlP99: round(control.p99, 2),
    p99Ratio: round(p99 / control.p99, 2),
  };
}

const measure = (options: Options, backlog: number): Promise<{ p99: number; perSecond: number }> =>
  withEnvironment(options, async (environment, receiver) => {
    const { endpoints, cases, seconds } = options;
    await environment.subscribe([
      ...receiver.urls('ok', endpoints),
      ...receiver.urls('backlog', 1),
    ]);
    const enable = await environment.switchOf([endpoints]);
    await enable(false);
    await environment.deliver();
    await publishAll(environment, backlog, (n) => environment.event(endpoints, caseOf(cases + n)));
    await environment.untilStored(backlog);
    await warmUp(environment, receiver, firstPlaces(endpoints));
    const event = (n: number) => environment.event((n % cases) % endpoints, caseOf(n % cases));
    await receiver.until(await publishAtRate(environment, { rate, seconds: seconds / 4 }, event));
    await untilQuiet(await environment.processes());
    await receiver.readAndReset();
    return whileEnabled(environment, receiver, {
      seconds,
      event,
      enable: () => enable(true),
      backlog,
    });
  });

async function whileEnabled(
  environment: DeliveryEnvironment,
  receiver: BenchReceiver,
  load: {
    seconds: number;
    event: Parameters<typeof publishAtRate>[2];
    enable: () => Promise<void>;
    backlog: number;
  },
): Promise<{ p99: number; perSecond: number }> {
  const began = performance.now();
  const [published] = await Promise.all([
    publishAtRate(environment, { rate, seconds: load.seconds }, load.event),
    load.enable(),
  ]);
  await receiver.until(published);
  const elapsed = (performance.now() - began) / 1000;
  const { latencies, backlog } = await receiver.readAndReset();
  if (load.backlog > 0 && backlog === 0)
    throw new NothingArrives('no delivery of the backlog arrived in the measured time');
  return { p99: percentile(latencies, 0.99), perSecond: backlog / elapsed };
}
