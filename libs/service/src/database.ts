import type { Logger } from '@casewire/telemetry';
import { Pool } from 'pg';

import { writeOncePerTurn } from './write-once-per-turn.ts';

/**
 * Connections to the service's database. None waits without end: not for a connection, not for an answer, not for a lock,
 * and a server that vanished without a word is noticed. Statements that are sent together are answered together.
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
  // The pool listens only to connections that nobody uses; one that breaks inside a transaction would end the process.
  pool.on('connect', (client) => {
    client.on('error', lost);
    writeOncePerTurn(client);
  });
  return pool;
}

// SQLSTATE: 08 connection, 53 resources, 57P and 57014 ended or timed out, 25P03 idle too long, 40 deadlock and the like,
// 55 not ready or locked.
const awayStates = /^(?:08...|53...|57...|25P03|40...|55...)$/;
const awaySockets = /^(?:ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;
// What the driver says of itself bears no code.
const awayWords = /connection terminated|trying to connect|not queryable|query read timeout/i;

/** Whether a statement failed because of the database or the way to it, and not because of what it says. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return awayStates.test(code) || awaySockets.test(code);
  return awayWords.test(error.message);
}
