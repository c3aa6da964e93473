import { peakMegabytes, watchCpu, type Usage } from './cpu.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { publishAll } from './publish.ts';
import { withEnvironment } from './with-environment.ts';

export interface Ingested {
  /** Deliveries per second, from the first request to the last. */
  perSecond: number;
  usage: Usage;
  /** SQL statements for each delivery. */
  statements: number;
  /** Bytes of the write-ahead log for each delivery. */
  bytes: number;
  peakMegabytes: number;
}

/** Ingest and deliver: all events are on the log before the delivery service starts. */
export const ingest = (options: Options): Promise<Ingested> =>
  withEnvironment(options, async (environment, receiver) => {
    const { endpoints, cases, events } = options;
    await environment.subscribe(receiver.urls('ok', endpoints));
    await publishAll(environment, events, (n) =>
      environment.event((n % cases) % endpoints, caseOf(n % cases)),
    );
    const writtenBefore = await environment.written();
    const used = watchCpu({ ...(await environment.processes()), receiver: receiver.pid });
    await environment.deliver();
    await receiver.until(events);
    const usage = used({ ...(await environment.processes()), receiver: receiver.pid });
    const { firstAt, lastAt } = await receiver.readAndReset();
    return {
      perSecond: events / ((lastAt - firstAt) / 1000),
      usage,
      statements: (await environment.statements()) / events,
      bytes: ((await environment.written()) - writtenBefore) / events,
      peakMegabytes: peakMegabytes(environment.deliveryPid),
    };
  });
