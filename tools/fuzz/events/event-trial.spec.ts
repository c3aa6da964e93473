import { casewireEvents, EventHeaders } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { eventTrial } from './event-trial.ts';

const target = {
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  orderId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
  verificationId: '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10',
  caseId: '2f0c6b7e-9a2d-4c1b-8f6e-3d5a7c9b1e20',
};
const trials = (seed: number) => Array.from({ length: 600 }, (_, i) => eventTrial(seed, i, target));

function isEvent({ record: { headers, value } }: ReturnType<typeof eventTrial>): boolean {
  const { success, data } = EventHeaders.safeParse(headers);
  if (!success) return false;
  try {
    return casewireEvents.get(data.ce_type)!.safeParse(JSON.parse(String(value))).success;
  } catch {
    return false;
  }
}

test('no record is of the tenant of the target, also those that are valid events', () => {
  const valid = trials(1).filter(isEvent);
  for (const type of ['case.linked', 'case.canceled', 'verification.state_changed', 'order.erased'])
    expect(valid.map(({ record }) => record.headers?.ce_type)).toContain(type);
  for (const { record } of trials(1))
    expect([record.headers?.ce_organization, record.headers?.ce_environment]).not.toEqual([
      target.organizationId,
      'sandbox',
    ]);
});

test('valid events name what belongs to the target', () => {
  const named = trials(1)
    .filter(isEvent)
    .map(({ record }) => String(record.value));
  for (const id of [target.orderId, target.verificationId, target.caseId])
    expect(named.filter((value) => value.includes(id)).length).toBeGreaterThan(5);
});

test('a seed gives the same records, another seed others', () => {
  expect(trials(2)).toEqual(trials(2));
  expect(trials(3)).not.toEqual(trials(2));
});

test('every event, every tenant and every change is used', () => {
  const text = trials(4)
    .map(({ what }) => what)
    .join('; ');
  for (const name of [
    'the order is erased',
    'linked again',
    'the other environment',
    'no organization',
    'ids in capitals',
    'the source of the other service',
    'deep JSON',
  ])
    expect(text).toContain(name);
});
