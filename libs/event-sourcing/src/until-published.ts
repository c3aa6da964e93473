import type { Pool } from 'pg';

/** The events of a stream were not published in time. They are stored, and are published later. */
export class NotPublished extends Error {
  readonly code = 'EVENTS_NOT_PUBLISHED';
  readonly retriable = true;
  constructor(readonly streamId: string) {
    super(`the events of ${streamId} are stored, and not published yet`);
    this.name = 'NotPublished';
  }
}

/**
 * Resolves when all events of a stream are published: whoever reads their topic up to its present end has them.
 * @param relay is woken
 * @param options `timeoutMs`: how long to wait, in milliseconds
 * @throws NotPublished
 */
export async function untilPublished(
  pool: Pick<Pool, 'query'>,
  relay: { wake(): void; published(waitMs: number): Promise<void> },
  streamId: string,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    // It is asked for before the look: what is published in between is not missed.
    const published = relay.published(100);
    relay.wake();
    if (await isPublished(pool, streamId)) return;
    if (performance.now() >= end) throw new NotPublished(streamId);
    await published;
  }
}

async function isPublished(pool: Pick<Pool, 'query'>, streamId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from domain_event where stream_id = $1 and not published limit 1',
    [streamId],
  );
  return rowCount === 0;
}
