import type { VerificationState } from '@casewire/contracts';

import { isSameTenant, type Disagreement, type TenantRow } from './disagreement.ts';
import type { Pair } from './rows.ts';

interface VerificationRow extends TenantRow {
  id: string;
  order_id: string;
  state: VerificationState;
  deleted: boolean;
}

/** A verification as its order has it. */
export type OrderedVerificationRow = VerificationRow;
/** A verification as cases know it. */
export type KnownVerificationRow = VerificationRow;

/** In the database of orders, by id. */
export const orderedVerificationsSql = `
  select v.id, v.order_id, v.state, o.deleted, o.organization_id, o.environment
  from verification_view v join order_view o on o.id = v.order_id order by v.id`;

/** In the database of cases, by id. */
export const knownVerificationsSql =
  'select id, order_id, state, deleted, organization_id, environment from verification order by id';

/** What orders and cases disagree about concerning a verification; null if they agree. */
export function compareVerification([ordered, known]: Pair<
  OrderedVerificationRow,
  KnownVerificationRow
>): Disagreement | null {
  const { id, order_id: orderId } = ordered ?? known;
  const about = { orderId, verificationId: id, caseId: null };
  if (!known) return { ...about, kind: 'verification_missing', detail: `orders: ${ordered.state}` };
  if (!ordered) return { ...about, kind: 'verification_unknown', detail: `cases: ${known.state}` };
  const detail = differenceOf(ordered, known);
  return detail === null ? null : { ...about, kind: 'verification_differs', detail };
}

function differenceOf(ordered: VerificationRow, known: VerificationRow): string | null {
  if (ordered.order_id !== known.order_id) return `cases: of the order ${known.order_id}`;
  if (!isSameTenant(ordered, known))
    return `cases: of ${known.organization_id}, ${known.environment}`;
  // The state of a deleted verification says nothing any more.
  const said = ({ deleted, state }: VerificationRow) => (deleted ? 'deleted' : state);
  return said(ordered) === said(known) ? null : `orders: ${said(ordered)}, cases: ${said(known)}`;
}
