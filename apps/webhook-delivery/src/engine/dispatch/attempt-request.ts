import { currentTraceparent } from '@casewire/telemetry';
import { attemptHeaders, type AttemptContext, type Dialect } from '@casewire/webhooks';

import type { ClaimedHead } from '../../model/lane-store.ts';
import type { Target } from '../../model/target.ts';
import type { OutgoingRequest } from './sender.ts';

export interface AttemptRequest {
  request: OutgoingRequest;
  /** The attempt's headers for the delivery log: those in addition to the delivery's own, secrets masked. */
  storedHeaders: Record<string, string>;
  /** The attempt's body for the delivery log; null if the delivery's bytes are sent. */
  storedBody: Buffer | null;
}

/** Headers of the connection and of its destination: an endpoint cannot set them. */
const reservedHeaders =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/;

/**
 * The request of one attempt; the signed bytes are the sent bytes. Headers of the engine override an endpoint's own.
 * @param agreed headers from the handshake
 */
export function attemptRequest(
  dialect: Dialect,
  head: ClaimedHead,
  target: Target,
  sentAt: Date,
  agreed: Readonly<Record<string, string>> = {},
): AttemptRequest {
  const facts: AttemptContext = {
    eventId: head.eventId,
    eventType: head.eventType,
    number: head.attempt,
    sentAt,
    dueAt: head.dueAt,
    url: target.url,
    lastStatus: head.lastStatus,
    lastError: head.lastError,
  };
  const body = dialect.attemptBody?.(head.body, facts) ?? head.body;
  const custom = customHeaders(target.headers, head.headers);
  const ofAttempt = {
    ...agreed,
    ...lowerCase(dialect.attemptHeaders?.(body, facts, target) ?? {}),
    ...attemptHeaders({
      eventId: head.eventId,
      body,
      timestamp: Math.floor(sentAt.getTime() / 1000),
      sequence:
        head.replayJob === null
          ? { number: Number(head.seq), previousId: head.previousId, gap: head.gap }
          : null,
      replay: head.replayJob,
      secrets: target.secrets,
      traceparent: currentTraceparent(),
    }),
  };
  return {
    request: {
      url: target.url,
      headers: { ...custom, ...head.headers, ...ofAttempt },
      body,
      timeoutMs: dialect.timeoutMs,
      dispatcher: target.http,
    },
    storedHeaders: {
      ...masked(custom, () => true),
      ...masked(ofAttempt, (name) => isSecretHeader(dialect, name)),
    },
    storedBody: body.equals(head.body) ? null : body,
  };
}

/** Whether a header of the request carries a secret: the dialect lists its own, `authorization` always does. */
const isSecretHeader = ({ secretHeaders }: Dialect, name: string): boolean =>
  name === 'authorization' || secretHeaders.includes(name);

function customHeaders(
  custom: Readonly<Record<string, string>>,
  fixed: Readonly<Record<string, string>>,
): Record<string, string> {
  const pinned = lowerCase(fixed);
  return Object.fromEntries(
    Object.entries(lowerCase(custom)).filter(
      ([name]) => !Object.hasOwn(pinned, name) && !reservedHeaders.test(name),
    ),
  );
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const masked = (
  headers: Record<string, string>,
  isSecret: (name: string) => boolean,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecret(name) ? '***' : value]),
  );
