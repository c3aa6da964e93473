import type { DeliveryDestination, DeliverableEvent, Dialect } from './dialect.ts';
import { sign, signSequence } from './signature.ts';

/** The bytes of a request's body: made once per delivery, then stored, signed and sent unchanged. */
export const encodeBody = (
  dialect: Dialect,
  event: DeliverableEvent,
  destination: DeliveryDestination,
): Buffer => Buffer.from(JSON.stringify(dialect.body(event, destination)));

/** The headers that are the same in every attempt. */
export const fixedHeaders = (
  dialect: Dialect,
  event: DeliverableEvent,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Casewire/1.0',
  ...correlation(event),
  ...dialect.headers(event),
});

/** Teams may choose any text as a correlation id: one that is not valid as a header value is left out. */
const correlation = ({ correlationId }: DeliverableEvent): Record<string, string> =>
  correlationId !== null && /^[\x21-\x7e]+$/.test(correlationId)
    ? { 'x-correlation-id': correlationId }
    : {};

/** The input for the headers of one attempt. */
export interface Attempt {
  eventId: string;
  body: Uint8Array;
  /** Unix time of this attempt, in seconds. */
  timestamp: number;
  /** The delivery's position in its lane; null for deliveries without a position, such as replays. */
  sequence: {
    number: number;
    previousId: string | null;
    /** Events directly before it that were given up. */
    gap: number;
  } | null;
  /** The id of the replay job that sends the event again; null where it is not a replay. */
  replay: string | null;
  /** The endpoint's secrets, the newest first. */
  secrets: readonly Uint8Array[];
  traceparent?: string | undefined;
}

/** The headers of one attempt, signatures included, in addition to the fixed headers. */
export function attemptHeaders({
  eventId: id,
  body,
  timestamp,
  sequence,
  replay,
  secrets,
  traceparent,
}: Attempt): Record<string, string> {
  const previousId = sequence?.previousId ?? '';
  return {
    'webhook-id': id,
    'webhook-timestamp': `${timestamp}`,
    'webhook-signature': sign({ id, timestamp, body }, secrets),
    ...(sequence && {
      'webhook-sequence': `${sequence.number}`,
      ...(previousId && { 'webhook-previous-id': previousId }),
      ...(sequence.gap > 0 && { 'webhook-gap': `${sequence.gap}` }),
      'webhook-sequence-signature': signSequence(
        { id, timestamp, sequence: sequence.number, previousId, gap: sequence.gap },
        secrets,
      ),
    }),
    ...(replay !== null && { 'webhook-replay': replay }),
    ...(traceparent && { traceparent }),
  };
}
