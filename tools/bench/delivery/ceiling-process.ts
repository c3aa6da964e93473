// A bare loop that POSTs signed bytes to the receiver, as fast as it responds or at a given rate.
import { setTimeout as delay } from 'node:timers/promises';

import { attemptHeaders } from '@casewire/webhooks';
import { Agent, request } from 'undici';

import type { Order } from './ceiling.ts';
import { caseCompleted } from './events.ts';

type OrderTo = Order & { url: string };

const secret = Buffer.alloc(32, 7);
const dispatcher = new Agent({ connections: null, pipelining: 1 });

function bodyOf(n: number, bodyBytes: number): Buffer {
  const payload = caseCompleted('6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69', n, bodyBytes);
  return Buffer.from(JSON.stringify({ eventName: 'case.completed', payload }));
}

const headersOf = (body: Buffer, n: number) => ({
  'content-type': 'application/json',
  'user-agent': 'Casewire/1.0',
  ...attemptHeaders({
    eventId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
    body,
    timestamp: Math.floor(Date.now() / 1000),
    sequence: { number: n + 1, previousId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69', gap: 0 },
    replay: null,
    secrets: [secret],
  }),
});

async function post(url: string, body: Buffer, headers: Record<string, string>): Promise<void> {
  const { body: response } = await request(url, { method: 'POST', body, headers, dispatcher });
  await response.dump();
}

async function flatOut({ url, paths, count, atOnce, bodyBytes }: OrderTo): Promise<number> {
  const requests = Array.from({ length: count }, (_, n) => {
    const body = bodyOf(n, bodyBytes);
    return { to: `${url}/ok/${n % paths}`, body, headers: headersOf(body, n) };
  });
  const began = performance.now();
  const worker = async () => {
    for (let next = requests.pop(); next; next = requests.pop())
      await post(next.to, next.body, next.headers);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return count / ((performance.now() - began) / 1000);
}

/** Sends at a rate; the receiver measures the latency. */
async function paced({ url, paths, count, rate, bodyBytes }: OrderTo): Promise<number> {
  const began = performance.now();
  const underWay: Promise<void>[] = [];
  for (let n = 0; n < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * rate));
    for (; n < due; n++) {
      const body = bodyOf(n, bodyBytes);
      underWay.push(post(`${url}/ok/${n % paths}`, body, headersOf(body, n)));
    }
    await delay(1);
  }
  await Promise.all(underWay);
  return count / ((performance.now() - began) / 1000);
}

process.on('message', async (order: OrderTo) => {
  process.send!({ perSecond: await (order.rate > 0 ? paced(order) : flatOut(order)) });
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
