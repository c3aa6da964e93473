import type { Addressee, DeliverableEvent, Dialect } from './dialect.ts';
import { sign, signSequence } from './signature.ts';

/** The bytes of a request's body: made once per delivery, stored, signed and sent as they are. */
export const encodeBody = (
  dialect: Dialect,
  event: DeliverableEvent,
  addressee: Addressee,
): Buffer => Buffer.from(JSON.stringify(dialect.body(event, addressee)));

/** The headers that do not change from attempt to attempt. */
export const fixedHeaders = (
  dialect: Dialect,
  event: DeliverableEvent,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Casewire/1.0',
  ...correlation(event),
  ...dialect.headers(event),
});

/** Teams may give any text as such an id: one that is no value of a header is left out. */
const correlation = ({ correlationId }: DeliverableEvent): Record<string, string> =>
  correlationId !== null && /^[\x21-\x7e]+$/.test(correlationId)
    ? { 'x-correlation-id': correlationId }
    : {};

export interface Attempt {
  eventId: string;
  body: Uint8Array;
  /** Unix time of this attempt, in seconds. */
  timestamp: number;
  /** The delivery's place in its lane; null for what has no lane of its own, such as a replay. */
  sequence: {
    number: number;
    previousId: string | null;
    /** Events directly before it that were given up. */
    gap: number;
  } | null;
  /** Set where the event is sent again because somebody asked for it: the job's id. */
  replay: string | null;
  /** The endpoint's secrets, the newest first. */
  secrets: readonly Uint8Array[];
  traceparent?: string | undefined;
}

/** The headers of one attempt, signatures included, to be added to the fixed ones. */
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
