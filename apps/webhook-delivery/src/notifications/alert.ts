/**
 * What notifications are written about: deliveries that were given up or have expired, lanes that wait for a person, and
 * endpoints that were suspended.
 */
export type AlertKind = 'exhausted' | 'expired' | 'blocked' | 'suspended';

/** One of the things that a alert is about, as far as a notification may tell it. */
export interface AlertExample {
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

/** Everything of a kind that happened to an endpoint, or to an organization's callback URLs, until a notification tells of it. */
export interface Alert {
  id: string;
  organizationId: string;
  environment: string;
  /** Null for callback URLs. */
  endpointId: string | null;
  kind: AlertKind;
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** The newest first. */
  examples: AlertExample[];
}
