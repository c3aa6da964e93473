import { randomUUID } from 'node:crypto';

import { rebuild } from '@casewire/event-sourcing';
import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { commandSequences, type Step } from '../../test/command-sequences.ts';
import { migrations } from '../migrations/index.ts';
import { evolve } from './evolve.ts';
import type { OrderCommand } from './order-command.ts';
import type { OrderDomainEvent } from './order-domain-event.ts';
import { execute } from './order-repository.ts';
import { initialState, type OrderState } from './order-state.ts';
import { orderViewProjection } from './order-view.projection.ts';
import { ApproverRefused, CommandRefused, UnknownVerification } from './refusals.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
});
afterAll(() => database.drop());

const refusals = [CommandRefused, ApproverRefused, UnknownVerification];
const run = (orderId: string, command: OrderCommand): Promise<OrderDomainEvent[]> =>
  inTransaction(database.pool, (client) => execute(client, orderId, command)).catch(
    (error: unknown) => {
      if (refusals.some((kind) => error instanceof kind)) return [];
      throw error;
    },
  );

async function play(orderId: string, steps: readonly Step[]): Promise<OrderState> {
  let state = initialState();
  for (const [index, step] of steps.entries()) {
    const events = await run(orderId, step(state, index, orderId));
    state = events.reduce(evolve, state);
  }
  return state;
}

async function rowsOf(orderId: string) {
  const { rows } = await database.pool.query<{
    status: string;
    deleted: boolean;
    completed: boolean;
    states: Record<string, string> | null;
    tasks: Record<string, string> | null;
    reports: number;
    refreshing: number;
  }>(
    `select o.status, o.deleted, o.completed_at is not null as completed,
       (select jsonb_object_agg(v.id, v.state) from verification_view v where v.order_id = o.id) as states,
       (select jsonb_object_agg(t.case_id, t.status) from task_view t where t.order_id = o.id) as tasks,
       (select count(*)::int from report_view r where r.order_id = o.id) as reports,
       (select count(*)::int from order_refresh_view f where f.order_id = o.id and f.status = 'processing') as refreshing
     from order_view o where o.id = $1`,
    [orderId],
  );
  return rows[0];
}

const expected = (state: OrderState) => ({
  status: state.status,
  deleted: state.phase === 'deleted',
  completed: state.completed,
  states: Object.fromEntries([...state.verifications].map(([id, { state: of }]) => [id, of])),
  tasks:
    state.tasks.size === 0
      ? null
      : Object.fromEntries([...state.tasks].map(([id, { status }]) => [id, status])),
  reports: state.reports,
  refreshing: state.refresh === null ? 0 : 1,
});

test('the read model agrees with the aggregate after every sequence, and with a rebuilt one, while sequences go on', async () => {
  const playing = fc.assert(
    fc.asyncProperty(commandSequences, async (steps) => {
      const orderId = randomUUID();
      const state = await play(orderId, steps);
      expect(await rowsOf(orderId)).toEqual(expected(state));
    }),
    { numRuns: 40 },
  );
  const during = await rebuild(database.pool, orderViewProjection, { replace: true });
  expect(during.differences).toEqual([]);
  await playing;

  const { streams, differences } = await rebuild(database.pool, orderViewProjection, {
    replace: false,
  });
  expect(streams).toBeGreaterThanOrEqual(40);
  expect(differences).toEqual([]);
}, 120_000);

test('a rebuild finds a row that does not follow from the domain events, and repairs it', async () => {
  await database.pool.query(
    `update verification_view set state = 'planted' where id = (select id from verification_view limit 1)`,
  );
  const { differences } = await rebuild(database.pool, orderViewProjection, { replace: true });
  expect(differences).toEqual([{ table: 'verification_view', missing: 1, unexpected: 1 }]);
  const after = await rebuild(database.pool, orderViewProjection, { replace: false });
  expect(after.differences).toEqual([]);
});
