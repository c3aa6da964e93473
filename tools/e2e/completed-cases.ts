import { randomUUID } from 'node:crypto';

import { DeliveryClient } from '@casewire/client';
import { Topics } from '@casewire/contracts';
import { EventLog } from '@casewire/event-log';
import type { ReceivedRequest } from '@casewire/testing';
import { expect } from 'vitest';

import type { Partner, TestPlatform } from './test-platform.ts';

export const logOf = (platform: TestPlatform) =>
  new EventLog({ brokers: [platform.brokers], clientId: 'test' });

/** Publishes the event that each of these cases is completed, in this order. */
export const complete = (
  log: EventLog,
  { organizationId }: Pick<Partner, 'organizationId'>,
  cases: readonly { id: string; at?: string }[],
): Promise<void> =>
  log.send(
    cases.map(({ id, at = '2026-01-22T10:30:00Z' }) => ({
      topic: Topics.casewireEvents,
      key: id,
      value: JSON.stringify({ caseId: id, externalId: null, occurredAt: at, result: 'succeeded' }),
      headers: {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_source: '/test',
        ce_type: 'case.completed',
        ce_time: at,
        'content-type': 'application/json',
        ce_organization: organizationId,
        ce_environment: 'sandbox',
      },
    })),
  );

export const idOf = ({ headers }: ReceivedRequest) => headers['webhook-id'] as string;
/** The id of the replay that sent the request; undefined if no replay did. */
export const replayOf = ({ headers }: ReceivedRequest) => headers['webhook-replay'];
export const caseOf = ({ body }: ReceivedRequest): string =>
  JSON.parse(body.toString()).payload.caseId;

/** A new partner with an endpoint for completed cases, and its client of the delivery API. */
export async function listenForCompletedCases(
  platform: TestPlatform,
  endpoint: Parameters<Partner['listen']>[0] = {},
) {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.completed'], ...endpoint });
  return { partner, listener, delivery: new DeliveryClient(platform.url, partner.key) };
}

/** Resolves when the partner has this number of deliveries in this state (at most 100). */
export const untilDeliveries = ({ client }: Partner, state: string, count: number) =>
  expect
    .poll(async () => (await client.deliveries({ state, limit: 100 })).items.length, {
      timeout: 20_000,
    })
    .toBe(count);
