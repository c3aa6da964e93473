import { currentTraceparent } from '@casewire/telemetry';
import { attemptHeaders, type AttemptContext, type Dialect } from '@casewire/webhooks';

import type { ClaimedHead } from '../../model/lane-store.ts';
import type { Target } from '../../model/target.ts';
import type { OutgoingRequest } from './sender.ts';

export interface AttemptRequest {
  request: OutgoingRequest;
  /** What is stored of the attempt's headers: those beside the delivery's own, secrets masked. */
  storedHeaders: Record<string, string>;
  /** What is stored as the attempt's body; null where the delivery's bytes are sent. */
  storedBody: Buffer | null;
}

/** Headers that say how bytes go over a connection, or where to: never an endpoint's own. */
const notCustom =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/;

/**
 * The request of one attempt; what is signed is what is sent. What the engine says goes before an endpoint's own headers.
 * @param agreed headers that a handshake agreed on
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
  const own = {
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
      headers: { ...custom, ...head.headers, ...own },
      body,
      timeoutMs: dialect.timeoutMs,
      dispatcher: target.http,
    },
    storedHeaders: {
      ...masked(custom, () => true),
      ...masked(own, (name) => isSecretHeader(dialect, name)),
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
  const taken = lowerCase(fixed);
  return Object.fromEntries(
    Object.entries(lowerCase(custom)).filter(
      ([name]) => !Object.hasOwn(taken, name) && !notCustom.test(name),
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
