import type { Actor, InformationView } from '@casewire/contracts';
import type { PoolClient } from 'pg';

type Queryable = Pick<PoolClient, 'query'>;

interface InformationRow {
  id: string;
  verification_id: string;
  data: InformationView['data'];
  given_by: Actor;
  given_at: Date;
}

/** What was given to the verifications of an order, by verification, oldest first. */
export async function informationOf(
  db: Queryable,
  orderId: string,
): Promise<Map<string, InformationView[]>> {
  const { rows } = await db.query<InformationRow>(
    `select v.id, v.verification_id, p.data, v.given_by, v.given_at
     from information_view v join information_private p on p.information_id = v.id
     where v.order_id = $1 order by v.given_at, v.id`,
    [orderId],
  );
  const all = Map.groupBy(rows, ({ verification_id: id }) => id);
  return new Map([...all].map(([id, given]) => [id, given.map(informationView)]));
}

const informationView = (row: InformationRow): InformationView => ({
  id: row.id,
  data: row.data,
  givenBy: row.given_by,
  givenAt: row.given_at.toISOString(),
});
