import { setTimeout as delay } from 'node:timers/promises';

import { untilQuiet, watchCpu, type Usage } from './cpu.ts';
import type { Options } from './options.ts';
import { firstPlaces, warmUp, withEnvironment } from './with-environment.ts';

/** Idle: what the processes use while no event arrives, after each endpoint got one. */
export const idle = (options: Options): Promise<Usage> =>
  withEnvironment(options, async (environment, receiver) => {
    const places = firstPlaces(options.endpoints);
    await environment.subscribe(receiver.urls('ok', options.endpoints));
    await environment.deliver();
    await warmUp(environment, receiver, places);
    const processes = await environment.processes();
    await untilQuiet(processes);
    const used = watchCpu(processes);
    await delay(options.idleSeconds * 1000);
    return used();
  });
