import type { Pool } from 'pg';

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/**
 * How many rows of a table the query of some work reads, those that a filter removes included: by EXPLAIN ANALYZE.
 * @param table its name without a schema
 * @param work sends one query to the database that it gets, and gets no rows; what it does with them is not important
 */
export async function rowsRead(
  pool: Pool,
  table: string,
  work: (database: Pool) => Promise<unknown>,
): Promise<number> {
  let read: number | undefined;
  const explained = {
    async query({ text, values }: { text: string; values: unknown[] }) {
      const { rows } = await pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
        `explain (analyze, format json) ${text}`,
        values,
      );
      read = readBy(rows[0]!['QUERY PLAN'][0]!.Plan, table);
      return { rows: [] };
    },
  };
  await work(explained as unknown as Pool);
  if (read === undefined) throw new Error('the work sent no query');
  return read;
}

const readBy = (node: PlanNode, table: string): number =>
  (node['Relation Name'] === table
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0) + (node.Plans ?? []).reduce((sum, child) => sum + readBy(child, table), 0);
