import { measureAtRate, type AtRate } from './at-rate.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { firstPlaces, warmUp, withEnvironment } from './with-environment.ts';

/** Measures a steady rate in a fresh environment. The driver and the receiver do not count as cores used. */
export const atRate = (options: Options, rate: number): Promise<AtRate> =>
  withEnvironment(options, async (environment, receiver) => {
    const { endpoints, cases, seconds } = options;
    await environment.subscribe(receiver.urls('ok', endpoints));
    await environment.deliver();
    await warmUp(environment, receiver, firstPlaces(endpoints));
    return measureAtRate(
      { rate, seconds },
      {
        to: environment,
        event: (n) => environment.event((n % cases) % endpoints, caseOf(n % cases)),
        receiver,
        processes: await environment.processes(),
        counted: ['delivery', 'postgres', 'broker'],
      },
    );
  });
