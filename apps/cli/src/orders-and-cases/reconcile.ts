import type { Client, PoolClient } from 'pg';

import {
  compareTask,
  linkedCasesSql,
  tasksSql,
  type LinkedCaseRow,
  type TaskRow,
} from './compare-tasks.ts';
import {
  compareVerification,
  knownVerificationsSql,
  orderedVerificationsSql,
  type KnownVerificationRow,
  type OrderedVerificationRow,
} from './compare-verifications.ts';
import { disagreementKinds, type Disagreement, type DisagreementKind } from './disagreement.ts';
import { pairs, rowsOf } from './rows.ts';

type Connection = Client | PoolClient;

/** Connections without an open transaction. */
export interface Databases {
  orders: Connection;
  cases: Connection;
}

export interface Reconciliation {
  /** How many verifications one side has, or both. */
  verifications: number;
  /** How many tasks and cases of verifications one side has, or both. */
  tasks: number;
  disagreements: Record<DisagreementKind, number>;
}

export interface ReconcileOptions {
  /** Called for each disagreement, as it is found. */
  onDisagreement?: (disagreement: Disagreement) => void;
  /** How many rows of a table are in memory at the same time. */
  pageSize?: number;
}

/**
 * Compares what orders and cases know about each other: every task with its case, every case of a verification with its task, and the
 * verifications that cases know with those of orders. Reads one snapshot of each database, page by page, in read-only transactions. The
 * two snapshots are not of the same moment: while events and commands are under way, there are disagreements that end by themselves.
 * @returns the totals; single disagreements go to `onDisagreement`
 */
export async function reconcile(
  databases: Databases,
  { onDisagreement = () => {}, pageSize = 1000 }: ReconcileOptions = {},
): Promise<Reconciliation> {
  const disagreements = noDisagreements();
  const add = (found: Disagreement | null) => {
    if (!found) return;
    disagreements[found.kind] += 1;
    onDisagreement(found);
  };
  const { orders, cases } = databases;
  await begin(orders);
  try {
    await begin(cases);
    try {
      const verifications = await compareVerifications(databases, pageSize, add);
      const tasks = await compareTasks(databases, pageSize, add);
      return { verifications, tasks, disagreements };
    } finally {
      await cases.query('rollback');
    }
  } finally {
    await orders.query('rollback');
  }
}

/** Whether orders and cases agree about everything. */
export const agree = ({ disagreements }: Reconciliation): boolean =>
  Object.values(disagreements).every((count) => count === 0);

const noDisagreements = () =>
  Object.fromEntries(disagreementKinds.map((kind) => [kind, 0])) as Reconciliation['disagreements'];

/** The first query takes the snapshot. */
async function begin(connection: Connection): Promise<void> {
  await connection.query('begin isolation level repeatable read read only');
  // Every row is read: a plan that gives the first tenth of them early is slower in all.
  await connection.query('set local cursor_tuple_fraction = 1');
  await connection.query('select');
}

async function compareVerifications(
  { orders, cases }: Databases,
  pageSize: number,
  add: (found: Disagreement | null) => void,
): Promise<number> {
  const [name, sql] = ['verifications', orderedVerificationsSql];
  const ordered = rowsOf<OrderedVerificationRow>(orders, { name, sql, pageSize });
  const known = rowsOf<KnownVerificationRow>(cases, { name, sql: knownVerificationsSql, pageSize });
  let count = 0;
  for await (const pair of pairs(ordered, known)) {
    add(compareVerification(pair));
    count++;
  }
  return count;
}

async function compareTasks(
  { orders, cases }: Databases,
  pageSize: number,
  add: (found: Disagreement | null) => void,
): Promise<number> {
  const tasks = rowsOf<TaskRow>(orders, { name: 'tasks', sql: tasksSql, pageSize });
  const linked = rowsOf<LinkedCaseRow>(cases, { name: 'cases', sql: linkedCasesSql, pageSize });
  let count = 0;
  for await (const pair of pairs(tasks, linked)) {
    add(await compareTask(pair, (id) => isOfDeletedOrder(orders, id)));
    count++;
  }
  return count;
}

async function isOfDeletedOrder(orders: Connection, verificationId: string): Promise<boolean> {
  const { rowCount } = await orders.query(
    'select from verification_view v join order_view o on o.id = v.order_id where v.id = $1 and o.deleted',
    [verificationId],
  );
  return rowCount === 1;
}
