// A receiver of webhooks: responds 200, below /fail 500, below /hang never. It counts the requests and measures their latency.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { nowMs } from './clock.ts';

interface Arrivals {
  /** Requests answered 200. */
  answered: number;
  firstAt: number;
  lastAt: number;
  /** From the publishing of the event to the arrival of its request, in milliseconds. */
  latencies: number[];
}

let arrivals: Arrivals = { answered: 0, firstAt: 0, lastAt: 0, latencies: [] };
/** The time of publishing, which the benchmark writes into the event. */
const publishedAt = /"reference":"([\d.]+)"/;

const server = createServer((request, response) => {
  const url = request.url ?? '';
  const at = nowMs();
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    if (url.startsWith('/hang')) return;
    if (url.startsWith('/fail')) {
      response.writeHead(500).end();
      return;
    }
    response.writeHead(200).end();
    arrivals.answered++;
    arrivals.firstAt ||= at;
    arrivals.lastAt = at;
    const published = publishedAt.exec(body)?.[1];
    if (published !== undefined) arrivals.latencies.push(at - Number(published));
  });
});
server.keepAliveTimeout = 60_000;

process.on('message', (message: 'readAndReset' | 'count') => {
  if (message === 'count') {
    process.send!({ answered: arrivals.answered });
    return;
  }
  process.send!(arrivals);
  arrivals = { answered: 0, firstAt: 0, lastAt: 0, latencies: [] };
});
process.on('disconnect', () => process.exit(0));

server.listen(0, '127.0.0.1', () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
