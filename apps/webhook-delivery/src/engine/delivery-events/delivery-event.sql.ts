/** A time in the format of the contracts: UTC, in milliseconds. */
const isoTime = (time: string) =>
  `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const commonFields = (type: string) =>
  `'type', '${type}', 'organizationId', t.organization_id, 'environment', t.environment, 'endpointId', t.endpoint_id`;

// `offset 0` keeps the planner from turning these lookups into joins: without given-up deliveries they cost nothing, and no plan
// reads a whole table for them.
const emitUndelivered = (from: string, type: string, more: string) => `
  insert into delivery_event (destination_id, data)
  select g.destination_id, o.data
  from ${from} g
  cross join lateral (
    select jsonb_build_object(${commonFields(type)}, 'deliveryId', d.id::text, 'eventId', d.event_id, 'eventType', e.type${more})
      as data
    from delivery d join event e on e.id = d.event_id join destination t on t.id = d.destination_id
    where d.id = g.delivery_id offset 0) o`;

/**
 * Emits `delivery.exhausted`, in the statement that exhausts the deliveries.
 * @param from a relation of destination_id, delivery_id, attempts, last_status and last_error
 */
export const emitExhausted = (from: string): string =>
  emitUndelivered(
    from,
    'delivery.exhausted',
    `, 'attempts', g.attempts, 'lastStatus', g.last_status, 'lastError', g.last_error`,
  );

/**
 * Emits `delivery.expired`, in the statement that expires the deliveries.
 * @param from a relation of destination_id and delivery_id
 */
export const emitExpired = (from: string): string => emitUndelivered(from, 'delivery.expired', '');

/**
 * Emits `endpoint.suspended`, in the statement that suspends the endpoints.
 * @param from a relation with the columns of `destination`, after the change
 */
export const emitSuspended = (from: string): string => `
  insert into delivery_event (destination_id, data)
  select t.id, jsonb_build_object(${commonFields('endpoint.suspended')}, 'reason', t.suspension,
    'failingSince', ${isoTime('t.failing_since')})
  from ${from} t`;

/**
 * Emits `endpoint.resumed`, in the statement that lifts the suspension.
 * @param from a relation with the columns of `destination`, after the change
 */
export const emitResumed = (from: string): string => `
  insert into delivery_event (destination_id, data)
  select t.id, jsonb_build_object(${commonFields('endpoint.resumed')}) from ${from} t`;
