import { z } from 'zod';

import { Environment, Feature } from './stage.ts';

/** Every record of a reference topic: readers ignore lower revisions; a deletion is a record too. */
export const referenceRecord = {
  revision: z.int().positive(),
  deletedAt: z.iso.datetime().nullable(),
};

export const Audience = z.enum(['partner', 'internal']);
export type Audience = z.infer<typeof Audience>;

export const Organization = z.object({
  id: z.uuid(),
  name: z.string(),
  /** A team publishes events of its own; a partner submits cases. */
  kind: z.enum(['partner', 'team']),
  features: z.array(Feature),
  /** What an operator lets this organization's endpoints reach beyond public addresses on port 443. */
  egress: z.object({
    /** Hosts and CIDR blocks, on any port. */
    allow: z.array(z.string()),
    plainHttp: z.boolean(),
  }),
  ...referenceRecord,
});
export type Organization = z.infer<typeof Organization>;

export const Scope = z.enum([
  'cases:read',
  'cases:write',
  'endpoints:read',
  'endpoints:write',
  'deliveries:read',
]);
export type Scope = z.infer<typeof Scope>;

/** A key as other services know it: never the secret, only its HMAC. */
export const ApiKey = z.object({
  id: z.string(),
  organizationId: z.uuid(),
  environment: Environment,
  scopes: z.array(Scope),
  /** HMAC-SHA256 of the secret under the platform's pepper, hex. */
  hmac: z.string().length(64),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  ...referenceRecord,
});
export type ApiKey = z.infer<typeof ApiKey>;

export const DialectName = z.enum(['casewire', 'truenroll']);
export type DialectName = z.infer<typeof DialectName>;

/** What an endpoint subscribed to: one version of one event type, or everything there is (`*`, at the latest version). */
export const Subscription = z.object({
  eventType: z.string().min(1),
  version: z.int().positive().nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

export const Endpoint = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  environment: Environment,
  url: z.url(),
  description: z.string().nullable(),
  audience: Audience,
  dialect: DialectName,
  subscriptions: z.array(Subscription),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  ...referenceRecord,
});
export type Endpoint = z.infer<typeof Endpoint>;

/** An endpoint's signing secret, sealed with AES-256-GCM under the endpoint's id; only delivery can open it. */
export const EndpointSecret = z.object({
  endpointId: z.uuid(),
  sealed: z.string(),
  /** The secret before the last rotation: signs beside the new one until then. */
  previous: z.object({ sealed: z.string(), until: z.iso.datetime() }).nullable(),
  ...referenceRecord,
});
export type EndpointSecret = z.infer<typeof EndpointSecret>;

/** What an endpoint's sealed secret is bound to. */
export const endpointSecretOwner = (endpointId: string): string => `endpoint:${endpointId}`;
