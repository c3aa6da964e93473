import { DeliveryEnvironment } from './delivery-environment.ts';
import { caseOf } from './events.ts';
import type { Options } from './options.ts';
import { BenchReceiver } from './receiver.ts';

/** The places of the first `count` subscribers. */
export const firstPlaces = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Runs a measurement in a fresh environment with a receiver, and ends both after it. */
export async function withEnvironment<T>(
  options: Pick<Options, 'kafka' | 'bodyBytes'>,
  measure: (environment: DeliveryEnvironment, receiver: BenchReceiver) => Promise<T>,
): Promise<T> {
  const receiver = await BenchReceiver.start();
  try {
    const environment = await DeliveryEnvironment.start(options);
    try {
      return await measure(environment, receiver);
    } finally {
      await environment.stop();
    }
  } finally {
    await receiver.stop();
  }
}

/** Delivers one event to each of these endpoints: connections, query plans and compiled code are there afterwards. */
export async function warmUp(
  environment: DeliveryEnvironment,
  receiver: BenchReceiver,
  places: readonly number[],
): Promise<void> {
  await environment.publish(places.map((place) => environment.event(place, caseOf(-1 - place))));
  await receiver.until(places.length);
  await receiver.readAndReset();
}
