import type { Logger } from '@casewire/telemetry';
import { Pool } from 'pg';

import { batchWrites } from './pg-write-batching.ts';
import { isDatabaseState } from './sqlstate.ts';

/**
 * Connections to the service's database. Every wait has a limit: for a connection, for a response, for a lock, and for a server
 * that disappeared without closing its connections. Statements are pipelined.
 */
export function openDatabase(url: string, logger: Logger, connections = 20): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    pipeline: true,
    statement_timeout: 20_000,
    query_timeout: 25_000,
    idle_in_transaction_session_timeout: 20_000,
  });
  const lost = (error: Error) => logger.warn({ event: 'database.connection-lost', error });
  pool.on('error', lost);
  // The pool handles errors of idle connections only. Without this listener a connection that breaks inside a transaction would end the process.
  pool.on('connect', (client) => {
    client.on('error', lost);
    batchWrites(client);
  });
  return pool;
}

const unavailableCodes =
  /^(?:ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;
// Errors of the pg driver have no code.
const unavailableMessages =
  /connection terminated|trying to connect|not queryable|query read timeout/i;

/** Whether a failure is caused by the database or the connection to it, and not by the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return isDatabaseState(error) || unavailableCodes.test(code);
  return unavailableMessages.test(error.message);
}
