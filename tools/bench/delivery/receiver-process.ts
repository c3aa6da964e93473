// A receiver of webhooks: responds 200, below /fail 500, below /hang never. It counts the requests and measures their latency;
// those below /backlog are answered 200 and counted apart.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { nowMs } from './clock.ts';
import type { Arrivals } from './receiver.ts';

const nothing = (): Arrivals => ({
  answered: 0,
  firstAt: 0,
  lastAt: 0,
  latencies: [],
  backlog: 0,
});
let arrivals = nothing();
/** The time of publishing, which the benchmark writes into the event. */
const publishedAt = /"reference":"([\d.]+)"/;

function count(body: string, at: number): void {
  arrivals.answered++;
  arrivals.firstAt ||= at;
  arrivals.lastAt = at;
  const published = publishedAt.exec(body)?.[1];
  if (published !== undefined) arrivals.latencies.push(at - Number(published));
}

const server = createServer((request, response) => {
  const url = request.url ?? '';
  const at = nowMs();
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    if (url.startsWith('/hang')) return;
    response.writeHead(url.startsWith('/fail') ? 500 : 200).end();
    if (url.startsWith('/backlog')) arrivals.backlog++;
    else if (url.startsWith('/ok')) count(body, at);
  });
});
server.keepAliveTimeout = 60_000;

process.on('message', (message: 'readAndReset' | 'count') => {
  if (message === 'count') {
    process.send!({ answered: arrivals.answered });
    return;
  }
  process.send!(arrivals);
  arrivals = nothing();
});
process.on('disconnect', () => process.exit(0));

server.listen(0, '127.0.0.1', () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
