import { randomUUID } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import type { GiveInformation, VerificationView } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import type { OrderActions } from '../actions/order-actions.ts';
import type { OrderCommand } from '../order/order-command.ts';
import { execute } from '../order/order-repository.ts';
import { lockOrderOfVerification } from '../reading/find-order.ts';
import { verificationView } from '../reading/reading.service.ts';
import { saveInformation } from './information-data.query.ts';

/** A command about a verification without who gives it and when. */
type Given<C = OrderCommand> = C extends { verificationId: string; by: unknown }
  ? Omit<C, 'verificationId' | 'by' | 'now'>
  : never;

/** What people and systems of the orderer do with a verification. Each is refused with 409 where its state does not allow it. */
export class VerificationsService {
  constructor(private readonly actions: OrderActions) {}

  /** @throws ApiError 403 APPROVER_NOT_ALLOWED for the key that created the order, where another one must approve */
  approve(principal: Principal, id: string, key: string | undefined): Promise<VerificationView> {
    return this.act(principal, { id, action: 'approve', key }, { type: 'ApproveVerification' });
  }

  /** Does not give the approval: the verification is canceled. */
  refuse(principal: Principal, id: string, key: string | undefined): Promise<VerificationView> {
    return this.act(principal, { id, action: 'refuse', key }, { type: 'RefuseVerification' });
  }

  cancel(principal: Principal, id: string, key: string | undefined): Promise<VerificationView> {
    return this.act(principal, { id, action: 'cancel', key }, { type: 'CancelVerification' });
  }

  /** Answers a verification that requires action. */
  giveInformation(
    principal: Principal,
    id: string,
    body: GiveInformation,
    key: string | undefined,
  ): Promise<VerificationView> {
    const informationId = randomUUID();
    const request = { id, action: 'information', key, body };
    return this.act(
      principal,
      request,
      { type: 'GiveInformation', informationId },
      (client, orderId) => saveInformation(client, { informationId, orderId }, body),
    );
  }

  private act(
    principal: Principal,
    {
      id,
      action,
      ...rest
    }: { id: string; action: string; key: string | undefined; body?: unknown },
    given: Given,
    save?: (client: PoolClient, orderId: string) => Promise<void>,
  ): Promise<VerificationView> {
    const request = { ...rest, route: `POST verifications/${id}/${action}` };
    return this.actions.run(principal, request, async (client, { by, now, isAbout }) => {
      const orderId = await lockOrderOfVerification(client, principal, id);
      await isAbout(orderId);
      await execute(client, orderId, { ...given, verificationId: id, by, now });
      await save?.(client, orderId);
      return verificationView(client, principal, id);
    });
  }
}
