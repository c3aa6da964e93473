import { nextMessage, startChild } from './child.ts';
import { BenchReceiver } from './receiver.ts';

/** What the bare loop sends. */
export interface Order {
  count: number;
  /** Concurrent requests; not used with a rate. */
  atOnce: number;
  /** Requests per second; 0 for as fast as the receiver responds. */
  rate: number;
  /** The requests go to as many paths. */
  paths: number;
  bodyBytes: number;
}

/** Measures the bare loop: requests per second, and the latencies of the requests in milliseconds. */
export async function ceiling(order: Order): Promise<{ perSecond: number; latencies: number[] }> {
  const receiver = await BenchReceiver.start();
  const { child } = await startChild('ceiling-process.ts');
  try {
    const reply = nextMessage<{ perSecond: number }>(child);
    child.send({ ...order, url: receiver.url });
    const { perSecond } = await reply;
    const { latencies } = await receiver.readAndReset();
    return { perSecond, latencies };
  } finally {
    child.kill('SIGKILL');
    await receiver.stop();
  }
}
