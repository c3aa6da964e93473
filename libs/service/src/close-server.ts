import type { Server } from 'node:http';

const checkIntervalMs = 20;

/**
 * Stops listening, and resolves when all connections are closed: those that are only kept for more at once, others when their
 * request is answered, and all of them when the patience is over.
 */
export async function closeServer(server: Server, patienceMs = 10_000): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // A connection whose request was answered meanwhile is kept again.
  const idle = setInterval(() => server.closeIdleConnections(), checkIntervalMs);
  const last = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(last);
}
