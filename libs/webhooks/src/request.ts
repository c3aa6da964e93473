import type { DeliverableEvent, Dialect } from './dialect.ts';
import { sign, signSequence } from './signature.ts';

/** The bytes of a request's body: made once per delivery, stored, signed and sent as they are. */
export const encodeBody = (dialect: Dialect, event: DeliverableEvent): Buffer =>
  Buffer.from(JSON.stringify(dialect.body(event)));

/** The headers that do not change from attempt to attempt. */
export const fixedHeaders = (
  dialect: Dialect,
  event: DeliverableEvent,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Casewire/1.0',
  ...dialect.headers(event),
});

export interface Attempt {
  eventId: string;
  body: Uint8Array;
  /** Unix time of this attempt, in seconds. */
  timestamp: number;
  /** The delivery's place in its lane; null for what has no lane of its own, such as a replay. */
  sequence: { number: number; previousId: string | null } | null;
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
      'webhook-sequence-signature': signSequence(
        { id, timestamp, sequence: sequence.number, previousId },
        secrets,
      ),
    }),
    ...(traceparent && { traceparent }),
  };
}
