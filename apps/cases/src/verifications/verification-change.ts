import { Environment, OrderErasedData, VerificationStateChangedData } from '@casewire/contracts';
import { RecordUnreadable, type IncomingRecord } from '@casewire/event-log';
import { z } from 'zod';

import type { StateRow, ErasedRow } from './verification.query.ts';

/** What an event says about verifications: the state of one, or that those of an order are deleted for ever. */
export type VerificationChange =
  | { type: 'state'; verification: StateRow }
  | { type: 'erased'; order: Omit<ErasedRow, 'id'>; verifications: ErasedRow[] };

/** The `ce_source` of the events of orders. */
const orderSource = '/casewire/orders';

/** The headers of an event that name its tenant. */
const TenantHeaders = z.object({ ce_organization: z.uuid(), ce_environment: Environment });

/**
 * What a record of `events.casewire` says about verifications. The value of any other record is not parsed.
 * @returns undefined for a record about anything else
 * @throws RecordUnreadable for a record about verifications that does not follow its contract
 */
export function verificationChangeOf(record: IncomingRecord): VerificationChange | undefined {
  const { ce_source: source, ce_type: type } = record.headers;
  if (source !== orderSource) return undefined;
  if (type === 'verification.state_changed') return stateOf(record);
  return type === 'order.erased' ? erasureOf(record) : undefined;
}

function stateOf(record: IncomingRecord): VerificationChange {
  const { verificationId: id, orderId, state } = parsed(VerificationStateChangedData, record);
  return { type: 'state', verification: { id, orderId, state, ...tenantOf(record) } };
}

function erasureOf(record: IncomingRecord): VerificationChange {
  const { orderId, verificationIds } = parsed(OrderErasedData, record);
  const order = { orderId, ...tenantOf(record) };
  const verifications = verificationIds.map((id) => ({ id, ...order }));
  return { type: 'erased', order, verifications };
}

function tenantOf({ headers }: IncomingRecord): Pick<ErasedRow, 'organizationId' | 'environment'> {
  const tenant = valid(TenantHeaders, headers);
  return { organizationId: tenant.ce_organization, environment: tenant.ce_environment };
}

const parsed = <T extends z.ZodType>(schema: T, record: IncomingRecord): z.infer<T> =>
  valid(schema, jsonOf(record));

function jsonOf({ value }: IncomingRecord): unknown {
  try {
    return JSON.parse(value?.toString() ?? '');
  } catch (error) {
    throw new RecordUnreadable('the value is not JSON', error);
  }
}

function valid<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RecordUnreadable(issues.join('; '));
}
