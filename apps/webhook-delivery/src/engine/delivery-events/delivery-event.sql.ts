/** A moment as contracts have it: UTC, to the millisecond. */
const isoTime = (moment: string) =>
  `to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const about = (type: string) =>
  `'type', '${type}', 'organizationId', t.organization_id, 'environment', t.environment, 'endpointId', t.endpoint_id`;

// `offset 0` keeps these lookups from becoming joins: where nothing was given up they cost nothing, and no plan reads
// a whole table for them.
const emitUndelivered = (from: string, type: string, more: string) => `
  insert into delivery_event (destination_id, data)
  select g.destination_id, o.data
  from ${from} g
  cross join lateral (
    select jsonb_build_object(${about(type)}, 'deliveryId', d.id::text, 'eventId', d.event_id, 'eventType', e.type${more})
      as data
    from delivery d join event e on e.id = d.event_id join destination t on t.id = d.destination_id
    where d.id = g.delivery_id offset 0) o`;

/**
 * Tells of deliveries that were exhausted, in the statement that exhausts them.
 * @param from a relation of destination_id, delivery_id, attempts, last_status and last_error
 */
export const emitExhausted = (from: string): string =>
  emitUndelivered(
    from,
    'delivery.exhausted',
    `, 'attempts', g.attempts, 'lastStatus', g.last_status, 'lastError', g.last_error`,
  );

/**
 * Tells of deliveries that expired, in the statement that lets them.
 * @param from a relation of destination_id and delivery_id
 */
export const emitExpired = (from: string): string => emitUndelivered(from, 'delivery.expired', '');

/**
 * Tells of endpoints that were suspended, in the statement that suspends them.
 * @param from destinations, as they are now
 */
export const emitSuspended = (from: string): string => `
  insert into delivery_event (destination_id, data)
  select t.id, jsonb_build_object(${about('endpoint.suspended')}, 'reason', t.suspension,
    'failingSince', ${isoTime('t.failing_since')})
  from ${from} t`;

/**
 * Tells of endpoints whose suspension was lifted, in the statement that lifts it.
 * @param from destinations, as they are now
 */
export const emitResumed = (from: string): string => `
  insert into delivery_event (destination_id, data)
  select t.id, jsonb_build_object(${about('endpoint.resumed')}) from ${from} t`;
