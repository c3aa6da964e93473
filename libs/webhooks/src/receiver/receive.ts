import {
  VerificationFailed,
  verify,
  type RawBody,
  type ReceivedHeaders,
  type Secret,
  type VerificationOptions,
  type Verified,
} from '../verification.ts';
import type { SeenStore } from './seen-store.ts';

export interface ReceiverOptions extends VerificationOptions {
  /** The endpoint's secret, two while it is rotated, or what gives them: it is asked at every request. */
  secret:
    | Secret
    | readonly Secret[]
    | (() => Secret | readonly Secret[] | Promise<Secret | readonly Secret[]>);
  /** Where it is given, an event that is sent twice reaches the handler once. */
  seen?: SeenStore;
  /** Of a body, at most. */
  maxBytes?: number;
}

/** A request that was verified. */
export interface ReceivedWebhook<Event = unknown> extends Verified {
  /** The body, parsed. */
  event: Event;
  /** The body as it came. */
  rawBody: Uint8Array;
}

export type RefusalCode =
  | VerificationFailed['code']
  | 'BODY_NOT_JSON'
  | 'BODY_TOO_LARGE'
  /** Another request with this event is being handled: to be sent again later. */
  | 'EVENT_IN_PROGRESS';

/** What is answered to a request that does not reach the handler. */
export class WebhookRefused extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

export type Reception =
  | {
      duplicate: false;
      webhook: ReceivedWebhook;
      /** To be called once it was handled, or was not. */
      settle: (handled: boolean) => Promise<void>;
    }
  /** It was handled before: to be answered 2xx, so that it is not sent again. */
  | { duplicate: true };

// What is wrong with the receiver itself, not with the request.
const ownFaults: ReadonlySet<string> = new Set(['BODY_NOT_RAW', 'SECRET_MISSING']);

/**
 * Verifies a request, parses it, and claims its event where a store is given. The middleware is made of this; so can be
 * that of any other framework.
 * @throws WebhookRefused with the status to answer: 401 unverified, 400 no JSON, 409 in progress
 * @throws VerificationFailed where the receiver is set up wrongly (BODY_NOT_RAW, SECRET_MISSING)
 */
export async function receive(
  rawBody: RawBody,
  headers: ReceivedHeaders,
  { secret, seen, ...options }: ReceiverOptions,
): Promise<Reception> {
  const secrets = typeof secret === 'function' ? await secret() : secret;
  const verified = verified401(() => verify(rawBody, headers, secrets, options));
  const bytes = typeof rawBody === 'string' ? Buffer.from(rawBody) : rawBody;
  const webhook = { ...verified, event: parsed(bytes), rawBody: bytes };
  if (!seen) return { duplicate: false, webhook, settle: async () => {} };
  const claim = await seen.begin(webhook.id);
  if (claim === 'done') return { duplicate: true };
  if (claim === 'running') {
    throw new WebhookRefused('EVENT_IN_PROGRESS', 409, 'this event is being handled');
  }
  const settle = async (handled: boolean) => {
    await (handled ? seen.finish(webhook.id) : seen.abandon(webhook.id));
  };
  return { duplicate: false, webhook, settle };
}

function verified401(attempt: () => Verified): Verified {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof VerificationFailed) || ownFaults.has(error.code)) throw error;
    throw new WebhookRefused(error.code, 401, error.message);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    throw new WebhookRefused('BODY_NOT_JSON', 400, 'the body is no JSON');
  }
}
