import type { Client, PoolClient, QueryResultRow } from 'pg';

/**
 * The rows of a statement, page by page: a table may be larger than the memory.
 * @param client in a transaction
 * @param name of the cursor, in the transaction
 * @param pageSize how many rows are in memory at the same time
 */
export async function* rowsOf<Row extends QueryResultRow>(
  client: Client | PoolClient,
  { name, sql, pageSize }: { name: string; sql: string; pageSize: number },
): AsyncGenerator<Row> {
  await client.query(`declare ${name} no scroll cursor for ${sql}`);
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${pageSize} from ${name}`);
    yield* rows;
    if (rows.length < pageSize) break;
  }
  await client.query(`close ${name}`);
}

/** A row of the left side, one of the right side, or both if they have the same id. */
export type Pair<Left, Right> = [Left, Right] | [Left, undefined] | [undefined, Right];

/** Puts the rows of two sides together by their ids. Both sides are sorted by id, as PostgreSQL sorts UUIDs. */
export async function* pairs<Left extends { id: string }, Right extends { id: string }>(
  left: AsyncGenerator<Left>,
  right: AsyncGenerator<Right>,
): AsyncGenerator<Pair<Left, Right>> {
  let one: Left | undefined = await nextOf(left);
  let other: Right | undefined = await nextOf(right);
  while (one || other) {
    if (one && other && one.id === other.id) {
      yield [one, other];
      one = await nextOf(left);
      other = await nextOf(right);
    } else if (one && (!other || one.id < other.id)) {
      yield [one, undefined];
      one = await nextOf(left);
    } else {
      yield [undefined, other!];
      other = await nextOf(right);
    }
  }
}

async function nextOf<Row>(rows: AsyncGenerator<Row>): Promise<Row | undefined> {
  const { value, done } = await rows.next();
  return done ? undefined : value;
}
