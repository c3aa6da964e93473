import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { prometheusContentType, type Logger } from '@casewire/telemetry';

import { closeServer } from './close-server.ts';
import { ConfigInvalid } from './config.ts';

export interface MetricsServerOptions {
  /** 0 takes a free one. */
  port: number;
  /** The address to listen on. */
  host: string;
  /** Reads the metrics, in the Prometheus text format. */
  scrape: () => Promise<string>;
  logger: Logger;
}

export interface MetricsServer {
  /** The URL that is scraped. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const path = '/metrics';

/**
 * Serves `GET /metrics` on a port of its own: metrics are for the operator, and the port of the API is public.
 * @throws ConfigInvalid naming METRICS_PORT if the port is not available
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { port, host, logger } = options;
  const server = createServer((request, response) => void respond(options, request, response));
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigInvalid(
      `the configuration is not usable:\n  METRICS_PORT: port ${port} cannot be listened on (${code})`,
      { cause: error },
    );
  }
  const url = urlOf(server.address() as AddressInfo);
  logger.info({ event: 'metrics.started', url });
  return { url, stop: () => closeServer(server) };
}

async function respond(
  { scrape, logger }: MetricsServerOptions,
  { url = '', method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const end = (status: number, text: string, headers: Record<string, string> = {}) =>
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(text);
  if (url.split('?')[0] !== path) return void end(404, `the metrics are at ${path}\n`);
  // Node sends no body in the response to HEAD.
  if (method !== 'GET' && method !== 'HEAD')
    return void end(405, 'only GET is allowed\n', { allow: 'GET, HEAD' });
  try {
    end(200, await scrape(), { 'content-type': prometheusContentType });
  } catch (error) {
    logger.error({ event: 'metrics.failed', error });
    end(500, 'the metrics cannot be read\n');
  }
}

const urlOf = ({ family, address, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}${path}`;
