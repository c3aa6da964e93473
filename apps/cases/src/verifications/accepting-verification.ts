import type { VerificationState } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { Tenant } from '../reading/case-view.query.ts';
import { lockVerification, type Verification } from './verification.query.ts';

const field = 'verificationId';

/** Verifications in these states accept no cases any more. */
const closedStates: readonly VerificationState[] = ['canceled', 'invalid'];

/**
 * Checks that a verification accepts cases.
 * @throws ApiError 404 NOT_FOUND if there is none; 409 VERIFICATION_CLOSED or VERIFICATION_NOT_APPROVED, which name its state
 */
export function checkAccepting(found: Verification | undefined): Verification {
  if (!found) {
    const rule = 'must be the id of a verification';
    throw new ApiError(404, 'NOT_FOUND', 'there is no such verification', [{ field, rule }]);
  }
  const { state } = found;
  if (closedStates.includes(state)) throw notAccepting('VERIFICATION_CLOSED', state);
  if (state === 'pending-approval') throw notAccepting('VERIFICATION_NOT_APPROVED', state);
  return found;
}

function notAccepting(code: string, state: VerificationState): ApiError {
  const rule = `must be the id of a verification that accepts cases; this one is ${state}`;
  return new ApiError(409, code, `the verification is ${state}: it accepts no cases`, [
    { field, rule },
  ]);
}

/**
 * A verification that accepts a case in this transaction. Its state stays until the transaction ends; a change that commits first
 * counts.
 * @returns null without an id
 * @throws ApiError as `checkAccepting`
 */
export async function lockAccepting(
  client: PoolClient,
  tenant: Tenant,
  id: string | undefined,
): Promise<Pick<Verification, 'id' | 'orderId'> | null> {
  if (id === undefined) return null;
  const found = checkAccepting(await lockVerification(client, tenant, id));
  return { id: found.id, orderId: found.orderId };
}
