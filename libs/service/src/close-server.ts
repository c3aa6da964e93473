import type { Server } from 'node:http';

const checkIntervalMs = 20;

/**
 * Stops listening, and resolves when all connections are closed: idle connections at once, others when their
 * response is sent, and all of them after the time-out.
 */
export async function closeServer(server: Server, timeoutMs = 10_000): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // A connection becomes idle when its response is sent.
  const idle = setInterval(() => server.closeIdleConnections(), checkIntervalMs);
  const timeout = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timeout);
}
