import { Topics, uuidV5 } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import { pick, seeded, type Random } from '@casewire/samples';

import { hostileValue } from '../hostile-values.ts';

/** What the events are about: it must be the same after them. */
export interface EventTarget {
  organizationId: string;
  orderId: string;
  verificationId: string;
  /** A case that is a task of the order. */
  caseId: string;
}

export interface EventTrial {
  what: string;
  record: OutgoingRecord;
}

type Data = Record<string, unknown>;

interface Event {
  type: string;
  source: string;
  organization: string;
  environment: string;
  key: string;
  data: Data;
}

const occurredAt = '2026-11-30T12:00:00.000Z';
const cases = '/casewire/cases';
const orders = '/casewire/orders';

const aboutOrder = ({ orderId }: EventTarget) => ({
  orderId,
  orderNumber: 'CW-0000-0000',
  userId: null,
  templateId: 'casewire.income',
  templateVersion: 1,
  metadata: {},
  occurredAt,
});

const aboutCase = (caseId: string) => ({ caseId, externalId: null, occurredAt });

/** Events of another tenant that name what belongs to the target's organization. */
const foreign: Record<
  string,
  (target: EventTarget, id: string) => Omit<Event, 'organization' | 'environment'>
> = {
  'a case is linked': (target, id) => ({
    type: 'case.linked',
    source: cases,
    key: uuidV5('fuzz case', id),
    data: {
      ...aboutCase(uuidV5('fuzz case', id)),
      verificationId: target.verificationId,
      orderId: target.orderId,
      stages: ['classification', 'extraction', 'forensics'],
    },
  }),
  'the case of the order is linked again': (target) => ({
    type: 'case.linked',
    source: cases,
    key: target.caseId,
    data: {
      ...aboutCase(target.caseId),
      verificationId: target.verificationId,
      orderId: target.orderId,
      stages: ['extraction'],
    },
  }),
  'the case of the order is canceled': (target) => ({
    type: 'case.canceled',
    source: cases,
    key: target.caseId,
    data: aboutCase(target.caseId),
  }),
  'the case of the order is erased': (target) => ({
    type: 'case.erased',
    source: cases,
    // Under another key: delivery would erase what it stored about the case.
    key: uuidV5('fuzz case', target.caseId),
    data: aboutCase(target.caseId),
  }),
  'the verification is canceled': (target) => ({
    type: 'verification.state_changed',
    source: orders,
    key: target.orderId,
    data: {
      ...aboutOrder(target),
      verificationId: target.verificationId,
      method: 'documents',
      state: 'canceled',
      previousState: 'processing',
      reason: 'CANCELED',
    },
  }),
  'the order is erased': (target) => ({
    type: 'order.erased',
    source: orders,
    key: uuidV5('fuzz order', target.orderId),
    data: { orderId: target.orderId, verificationIds: [target.verificationId], occurredAt },
  }),
  'another order with its verification is erased': (target, id) => ({
    type: 'order.erased',
    source: orders,
    key: uuidV5('fuzz order', id),
    data: {
      orderId: uuidV5('fuzz order', id),
      verificationIds: [target.verificationId],
      occurredAt,
    },
  }),
};

type Change = (event: Event, target: EventTarget, random: Random, id: string) => Event;

const withData = (event: Event, data: Data): Event => ({
  ...event,
  data: { ...event.data, ...data },
});
const otherValues = [
  null,
  0,
  -1,
  1e308,
  true,
  '',
  'x',
  '\u0000',
  '\ud800',
  [],
  {},
  [[]],
  'x'.repeat(200_000),
];

/** Changes of the data; the event stays one of another tenant. */
const changes: Record<string, Change> = {
  'as it is': (event) => event,
  'a field of another type': (event, _, random) =>
    withData(event, { [pick(random, Object.keys(event.data))]: pick(random, otherValues) }),
  'a field is missing': (event, _, random) => {
    const { [pick(random, Object.keys(event.data))]: __, ...data } = event.data;
    return { ...event, data };
  },
  'further fields': (event) => withData(event, { ['constructor']: { prototype: 1 }, more: [[]] }),
  'the organization of the target, in the data': (event, { organizationId }) =>
    withData(event, { organizationId, ce_organization: organizationId, environment: 'sandbox' }),
  'an unknown state': (event) => withData(event, { state: 'approved', result: 'unknown' }),
  'ids in capitals': (event, target) =>
    withData(event, {
      orderId: target.orderId.toUpperCase(),
      verificationId: target.verificationId.toUpperCase(),
    }),
  'the source of the other service': (event) => ({
    ...event,
    source: event.source === cases ? orders : cases,
  }),
  'an unknown type': (event) => ({ ...event, type: `${event.type}.again` }),
};

/** Tenants that are not the one of the target. */
const tenants: Record<
  string,
  (target: EventTarget) => Pick<Event, 'organization' | 'environment'>
> = {
  'another organization': () => ({
    organization: uuidV5('fuzz', 'organization'),
    environment: 'sandbox',
  }),
  'the other environment': ({ organizationId }) => ({
    organization: organizationId,
    environment: 'production',
  }),
  'no organization': () => ({ organization: '', environment: 'sandbox' }),
  'an organization that is no id': () => ({ organization: 'x\u0000y', environment: 'sandbox' }),
  'an unknown environment': ({ organizationId }) => ({
    organization: organizationId,
    environment: 'Sandbox',
  }),
};

/** The n-th record of a seed: the same for the same target. None of them may change the target. */
export function eventTrial(seed: number, number: number, target: EventTarget): EventTrial {
  const random = seeded((Math.imul(seed, 0x01000193) + number) >>> 0);
  const id = uuidV5('fuzz event', `${seed}`, `${number}`, target.orderId);
  const [name, tenant, change] = [foreign, tenants, changes].map((one) =>
    pick(random, Object.keys(one)),
  ) as [string, string, string];
  const base = { ...foreign[name]!(target, id), ...tenants[tenant]!(target) };
  const event = changes[change]!(base, target, random, id);
  const { what, value } =
    random() < 0.7 ? { what: change, value: JSON.stringify(event.data) } : hostileValue(random);
  // Most records are in the partitions of the target, between its own events.
  const key = pick(random, [event.key, event.key, event.key, null, '', 'k'.repeat(10_000)]);
  const record = {
    topic: Topics.casewireEvents,
    key,
    value,
    headers: headersOf(event, id, random),
  };
  return { what: `${name}, of ${tenant}, ${what}`, record };
}

function headersOf(event: Event, id: string, random: Random): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: pick(random, [id, id, id, '\u0000', 'x'.repeat(5_000), `${event.key}/1`]),
    ce_source: event.source,
    ce_type: event.type,
    ce_time: pick(random, [occurredAt, occurredAt, 'yesterday']),
    ce_organization: event.organization,
    ce_environment: event.environment,
    'content-type': 'application/json',
  };
}
