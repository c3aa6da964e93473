/**
 * What letters are written about: deliveries that were given up or have expired, lanes that wait for a person, and
 * endpoints that were suspended.
 */
export type NoticeKind = 'exhausted' | 'expired' | 'held' | 'suspended';

/** One of the things that a notice is about, as far as a letter may tell it. */
export interface NoticeExample {
  deliveryId?: string;
  eventType?: string;
  attempts?: number;
  /** The stable code of what came back last. */
  error?: string;
  /** Of a callback URL. */
  host?: string;
  /** Why an endpoint was suspended, and since when nothing but failures had come from it. */
  reason?: string;
  failingSince?: string;
}

/** Everything of a kind that happened to an endpoint, or to an organization's callback URLs, until a letter tells of it. */
export interface Notice {
  id: string;
  organizationId: string;
  environment: string;
  /** Null for callback URLs. */
  endpointId: string | null;
  kind: NoticeKind;
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** The newest first. */
  examples: NoticeExample[];
}
