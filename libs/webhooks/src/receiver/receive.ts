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
  /** The endpoint's secret, both secrets during a rotation, or a function that returns them for each request. */
  secret:
    | Secret
    | readonly Secret[]
    | (() => Secret | readonly Secret[] | Promise<Secret | readonly Secret[]>);
  /** Stores handled events, so that an event that arrives twice reaches the handler once. */
  seen?: SeenStore;
  /** Maximum size of a body in bytes; default 1 MiB. */
  maxBytes?: number;
}

/** A verified request. */
export interface ReceivedWebhook<Event = unknown> extends Verified {
  /** The parsed body. */
  event: Event;
  /** The body as received. */
  rawBody: Uint8Array;
}

export type RefusalCode =
  | VerificationFailed['code']
  | 'BODY_NOT_JSON'
  | 'BODY_TOO_LARGE'
  /** Another request with this event is being handled: the sender must repeat it later. */
  | 'EVENT_IN_PROGRESS';

/** The response to a request that does not reach the handler. */
export class WebhookRefused extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

export type ReceiveResult =
  | {
      duplicate: false;
      webhook: ReceivedWebhook;
      /** Must be called when the handler has finished, with whether it handled the event. */
      settle: (handled: boolean) => Promise<void>;
    }
  /** The event was handled before: respond with 2xx, so that it is not sent again. */
  | { duplicate: true };

// Errors of the receiver's own setup, not of the request.
const receiverErrors: ReadonlySet<string> = new Set(['BODY_NOT_RAW', 'SECRET_MISSING']);

/**
 * Verifies a request, parses it, and claims its event where a store is given. The middlewares are built on this function;
 * use it to write one for another framework.
 * @throws WebhookRefused with the status of the response: 401 not verified, 400 not JSON, 409 in progress
 * @throws VerificationFailed where the receiver is configured wrongly (BODY_NOT_RAW, SECRET_MISSING)
 */
export async function receive(
  rawBody: RawBody,
  headers: ReceivedHeaders,
  { secret, seen, ...options }: ReceiverOptions,
): Promise<ReceiveResult> {
  const secrets = typeof secret === 'function' ? await secret() : secret;
  const verified = verifyOrRefuse(() => verify(rawBody, headers, secrets, options));
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

function verifyOrRefuse(attempt: () => Verified): Verified {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof VerificationFailed) || receiverErrors.has(error.code)) throw error;
    throw new WebhookRefused(error.code, 401, error.message);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    throw new WebhookRefused('BODY_NOT_JSON', 400, 'the body is not JSON');
  }
}
