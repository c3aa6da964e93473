import type { Pool, PoolClient } from 'pg';

import { idempotent, type IdempotentRequest, type ResponseSeal } from './idempotency.ts';
import { saveResponseSubject } from './response-subjects.ts';
import { inTransaction } from './transaction.ts';

/** Says what the response is about, so that the stored response is erased with it. */
export type IsAbout = (subjectId: string) => Promise<void>;

/**
 * Runs the work of a request once per Idempotency-Key, in a transaction of its own: its effects and its response are committed
 * together.
 * @param work what it returns is the response
 * @throws ApiError as `idempotent`, and what the work throws: nothing is stored then
 */
export const actOnce = <T>(
  pool: Pool,
  request: IdempotentRequest,
  seal: ResponseSeal,
  work: (client: PoolClient, isAbout: IsAbout) => Promise<T>,
): Promise<T> =>
  inTransaction(pool, (client) =>
    idempotent(client, request, seal, () =>
      work(client, (subjectId) => saveResponseSubject(client, request, subjectId)),
    ),
  );
