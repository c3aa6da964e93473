import { untilQuiet, watchCpu, type Usage } from './cpu.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { publishAll } from './publish.ts';
import { firstPlaces, withEnvironment } from './with-environment.ts';

export interface Drained {
  /** Deliveries per second, from the first request to the last. */
  perSecond: number;
  /** From the moment before the endpoints are enabled. */
  usage: Usage;
}

export class DeliveredTooEarly extends Error {
  override name = 'DeliveredTooEarly';
  readonly code = 'BENCH_DELIVERED_TOO_EARLY';
}

/** Drain: the deliveries of all events are stored before the endpoints are enabled, all at the same time. */
export const drain = (options: Options): Promise<Drained> =>
  withEnvironment(options, async (environment, receiver) => {
    const { endpoints, cases, events } = options;
    await environment.subscribe(receiver.urls('ok', endpoints));
    const enable = await environment.switchOf(firstPlaces(endpoints));
    await enable(false);
    await environment.deliver();
    await publishAll(environment, events, (n) =>
      environment.event((n % cases) % endpoints, caseOf(n % cases)),
    );
    await environment.untilStored(events);
    const processes = { ...(await environment.processes()), receiver: receiver.pid };
    await untilQuiet(processes);
    const early = (await receiver.readAndReset()).answered;
    if (early > 0) throw new DeliveredTooEarly(`${early} requests to endpoints that are disabled`);
    const used = watchCpu(processes);
    await enable(true);
    await receiver.until(events);
    const usage = used();
    const { firstAt, lastAt } = await receiver.readAndReset();
    return { perSecond: events / ((lastAt - firstAt) / 1000), usage };
  });
