import { z } from 'zod';

import { Environment, Feature } from './stage.ts';

/** Every record of a reference topic: readers ignore lower revisions; a deletion is a record too. */
export const referenceRecord = {
  revision: z.int().positive(),
  deletedAt: z.iso.datetime().nullable(),
};

export const Audience = z.enum(['partner', 'internal']);
export type Audience = z.infer<typeof Audience>;

/** Whose words an endpoint is spoken to in. */
export const DialectName = z.enum([
  'casewire',
  'truenroll',
  'truework',
  'trustgate',
  'truv',
  'trustid',
  'cloudevents',
]);
export type DialectName = z.infer<typeof DialectName>;

/** A team's own part of the catalog: types under its prefixes, published on `events.<slug>`. */
export const Team = z.object({
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /** Such as `screening.`; every type that the team registers begins with one of them. */
  prefixes: z.array(z.string()),
});
export type Team = z.infer<typeof Team>;

export const Organization = z.object({
  id: z.uuid(),
  name: z.string(),
  /** A team publishes events of its own; a partner submits cases. */
  kind: z.enum(['partner', 'team']),
  team: Team.nullable(),
  features: z.array(Feature),
  /** Audiences that its endpoints may have. */
  audiences: z.array(Audience),
  /** Event types that an operator turned off for this organization: none of its endpoints gets them. */
  eventsOff: z.array(z.string()),
  /** Where events go that may have a URL of their own and came without one; one URL for the whole account. */
  callback: z.object({ url: z.url(), dialect: DialectName }).nullable(),
  /** Whom letters about failing deliveries go to. */
  notificationEmail: z.email().nullable(),
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
  'deliveries:write',
  'catalog:write',
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

/** What an endpoint subscribed to: one version of one event type, or everything there is (`*`, at the latest version). */
export const Subscription = z.object({
  eventType: z.string().min(1),
  version: z.int().positive().nullable(),
  /** Where a dialect has several names for the type: those that are wanted. Null: all of them. */
  names: z.array(z.string()).nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

/** A condition on an event's data; of several, all must hold. */
export const EventFilter = z.object({
  /** Names of properties from the data's root on, joined by dots. */
  path: z.string().regex(/^[\w-]{1,64}(\.[\w-]{1,64}){0,7}$/),
  operator: z.enum(['eq', 'ne', 'in', 'nin', 'exists', 'gt', 'gte', 'lt', 'lte', 'prefix']),
  value: z.union([
    z.string().max(256),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.union([z.string().max(256), z.number(), z.boolean()])).max(50),
  ]),
});
export type EventFilter = z.infer<typeof EventFilter>;

/** What becomes of a lane whose head was given up: it carries on with the next event, or waits for a person. */
export const OnExhausted = z.enum(['skip', 'block']);
export type OnExhausted = z.infer<typeof OnExhausted>;

export const Endpoint = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  environment: Environment,
  url: z.url(),
  description: z.string().nullable(),
  audience: Audience,
  dialect: DialectName,
  subscriptions: z.array(Subscription),
  filters: z.array(EventFilter),
  /** Names of the custom headers; their values are sealed beside the secret. */
  headerNames: z.array(z.string()),
  /** Waits between attempts in seconds, instead of the dialect's. */
  retry: z.object({ delaySeconds: z.array(z.number().positive()) }).nullable(),
  onExhausted: OnExhausted,
  /** Requests per second at most; null: no limit. */
  ratePerSecond: z.number().positive().nullable(),
  /** Requests under way at once, over all instances. */
  maxInFlight: z.int().positive(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  ...referenceRecord,
});
export type Endpoint = z.infer<typeof Endpoint>;

/**
 * What requests to an endpoint, or to callback URLs of an organization, are signed with. Everything is sealed with
 * AES-256-GCM under its owner's name; only the registry and delivery can open it.
 */
export const SigningSecret = z.object({
  /** Of the endpoint, or of the organization. */
  ownerId: z.uuid(),
  sealed: z.string(),
  /** The secret before the last rotation: signs beside the new one until then. */
  previous: z.object({ sealed: z.string(), until: z.iso.datetime() }).nullable(),
  /** The endpoint's token, for dialects that send one. */
  token: z.string().nullable(),
  /** The custom headers as JSON, name to value. */
  headers: z.string().nullable(),
  ...referenceRecord,
});
export type SigningSecret = z.infer<typeof SigningSecret>;

/** What an endpoint's sealed secret, token and headers are bound to. */
export const endpointSecretContext = (endpointId: string): string => `endpoint:${endpointId}`;

/** What an organization's sealed secret for callback URLs is bound to. */
export const callbackSecretContext = (organizationId: string): string =>
  `callback:${organizationId}`;
