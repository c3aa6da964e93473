import { TaskStatus } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { compareTask, type LinkedCaseRow, type TaskRow } from './compare-tasks.ts';

const tenant = { organization_id: 'o', environment: 'sandbox' };
const task = (over: Partial<TaskRow> = {}): TaskRow => ({
  id: 'c',
  verification_id: 'v',
  order_id: 'r',
  status: 'processing',
  deleted: false,
  ...tenant,
  ...over,
});
const linked = (over: Partial<LinkedCaseRow> = {}): LinkedCaseRow => ({
  id: 'c',
  verification_id: 'v',
  status: 'processing',
  was_completed: false,
  ...tenant,
  ...over,
});

type Case = Pick<LinkedCaseRow, 'status' | 'was_completed'>;
const open: Case[] = (['processing', 'in_review', 'action_required'] as const).map((status) => ({
  status,
  was_completed: false,
}));
const completed: Case[] = (['completed', 'processing', 'canceled'] as const).map((status) => ({
  status,
  was_completed: true,
}));
const canceled: Case = { status: 'canceled', was_completed: false };
const deleted: Case[] = [true, false].map((was) => ({ status: 'deleted', was_completed: was }));
const all = [...open, ...completed, canceled, ...deleted];

const fitting: Record<TaskStatus, Case[]> = {
  processing: open,
  action_required: open,
  succeeded: completed,
  refreshing: completed,
  refresh_failed: completed,
  failed: completed,
  rejected: completed,
  canceled: [canceled, ...completed],
  removed: deleted,
};

const never = async () => false;
const kindOf = async (...args: Parameters<typeof compareTask>) =>
  (await compareTask(...args))?.kind ?? null;

test.each(TaskStatus.options)(
  'a task that is %s agrees with these statuses of its case alone',
  async (status) => {
    for (const found of all)
      expect([found, await kindOf([task({ status }), linked(found)], never)]).toEqual([
        found,
        fitting[status].includes(found) ? null : 'status_differs',
      ]);
  },
);

test.each(TaskStatus.options)(
  'a task that is %s, of a deleted order, agrees with a deleted case alone',
  async (status) => {
    for (const found of all)
      expect([
        found,
        await kindOf([task({ status, deleted: true }), linked(found)], never),
      ]).toEqual([found, deleted.includes(found) ? null : 'status_differs']);
  },
);

test.each<[string, Partial<LinkedCaseRow>]>([
  ['another verification', { verification_id: 'w' }],
  ['another organization', { organization_id: 'p' }],
  ['the other environment', { environment: 'production' }],
])('a case of %s differs from its task', async (_, over) => {
  expect(await kindOf([task(), linked(over)], never)).toBe('case_differs');
});

test('a task without a case, and a case without a task, are found', async () => {
  expect(await kindOf([task(), undefined], never)).toBe('case_missing');
  expect(await kindOf([undefined, linked()], never)).toBe('task_missing');
  expect(await kindOf([undefined, linked({ status: 'deleted' })], never)).toBe('task_missing');
});

test('a case that came after the deletion of its order is no task, and must be deleted', async () => {
  const always = async () => true;
  expect(await kindOf([undefined, linked({ status: 'deleted' })], always)).toBe(null);
  expect(await kindOf([undefined, linked({ status: 'canceled' })], always)).toBe('status_differs');
});
