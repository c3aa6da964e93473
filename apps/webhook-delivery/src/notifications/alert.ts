/** Why to notify an organization: exhausted or expired deliveries, blocked lanes, or a suspended endpoint. */
export type AlertKind = 'exhausted' | 'expired' | 'blocked' | 'suspended';

/** One delivery or suspension behind an alert, without anything that must not be in an e-mail. */
export interface AlertExample {
  deliveryId?: string;
  eventType?: string;
  attempts?: number;
  /** The stable code of the last error. */
  error?: string;
  /** The host of a callback URL. */
  host?: string;
  /** Why an endpoint was suspended, and since when it only failed. */
  reason?: string;
  failingSince?: string;
}

/** All events of one kind at an endpoint, or at an organization's callback URLs, since the last notification about them. */
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
  /** Newest first, at most three. */
  examples: AlertExample[];
}
