import { randomUUID } from 'node:crypto';

import { Sealer, type Principal } from '@casewire/auth';
import { openBlobStore } from '@casewire/blobs';
import { migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { reviewer } from '../../test/case-trial.ts';
import { settings, StoredCase } from '../../test/stored-case.ts';
import { CaseActions } from '../actions/case-actions.ts';
import { eraseCase } from '../erasure/erase-case.ts';
import { migrations } from '../migrations/index.ts';
import { ReviewsService } from './reviews.service.ts';

const folder = testFolder('comments');
let database: TestDatabase;
let reviews: ReviewsService;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  const sealer = new Sealer(new Uint8Array(32));
  const now = () => new Date('2026-01-01T11:00:00Z');
  const actions = new CaseActions(
    database.pool,
    sealer,
    { wake: () => undefined },
    { of: () => settings } as never,
    now,
  );
  reviews = new ReviewsService(database.pool, actions);
});
afterAll(() => database.drop());

/** A case with an open review, and the key that may comment on it. */
async function reviewedCase() {
  const stored = new StoredCase(database.pool, openBlobStore(folder));
  await stored.submit(['extraction']);
  const principal = { ...stored.tenant, keyId: 'key-1', keyName: 'Ana' } as Principal;
  const { id } = await reviews.open(
    principal,
    stored.id,
    { reason: 'to check', reviewType: 'document_review', priority: 'low' },
    undefined,
  );
  return { stored, principal, reviewId: id };
}

const commentsOf = async (caseId: string) =>
  (await database.pool.query('select from review_comment_private where case_id = $1', [caseId]))
    .rowCount;

/** Whether a statement of the database waits for a lock. */
const isBlocked = async () =>
  (
    await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).rowCount! > 0;

test('a comment that arrives while its case is being deleted is refused, and not stored', async () => {
  const { stored, principal, reviewId } = await reviewedCase();
  const deletion = await database.pool.connect();
  let commented: Promise<unknown>;
  try {
    await deletion.query('begin');
    await eraseCase(deletion, stored.id, { by: reviewer, now: stored.time });
    let settled = false;
    commented = reviews
      .comment(principal, reviewId, { text: 'too late' }, undefined)
      .then(
        () => 'stored',
        (error: unknown) => error,
      )
      .finally(() => (settled = true));
    await vi.waitFor(async () => expect(settled || (await isBlocked())).toBe(true), 10_000);
    await deletion.query('commit');
  } finally {
    deletion.release();
  }
  expect(await commented).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  expect(await commentsOf(stored.id)).toBe(0);
});

test('a comment that is being stored while its case is deleted is deleted with it', async () => {
  const { stored, principal, reviewId } = await reviewedCase();
  await reviews.comment(principal, reviewId, { text: 'in time' }, randomUUID());
  expect(await commentsOf(stored.id)).toBe(1);
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('select from case_view where id = $1 for share', [stored.id]);
    const deletion = (async () => {
      const other = await database.pool.connect();
      try {
        await other.query('begin');
        await eraseCase(other, stored.id, { by: reviewer, now: stored.time });
        await other.query('commit');
      } finally {
        other.release();
      }
    })();
    await vi.waitFor(async () => expect(await isBlocked()).toBe(true), 10_000);
    await client.query(
      `insert into review_comment_private (id, review_id, case_id, comment, written_by, written_at)
       values ($1, $2, $3, 'at the same time', '{}', now())`,
      [randomUUID(), reviewId, stored.id],
    );
    await client.query('commit');
    await deletion;
  } finally {
    client.release();
  }
  expect(await commentsOf(stored.id)).toBe(0);
});
