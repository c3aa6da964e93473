import { z } from 'zod';

import { Environment, Feature } from './stage.ts';

/** Fields of every record on a reference topic. Readers ignore lower revisions; a deletion is a record as well. */
export const referenceRecord = {
  revision: z.int().positive(),
  deletedAt: z.iso.datetime().nullable(),
};

export const Audience = z.enum(['partner', 'internal']);
export type Audience = z.infer<typeof Audience>;

/** The dialect of an endpoint: whose wire format its requests have. */
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
  /** Audiences that its endpoints can have. */
  audiences: z.array(Audience),
  /** Event types that an operator turned off for this organization. */
  eventsOff: z.array(z.string()),
  /** Callback URL for events that can have a callback URL and have none; one URL for the organization. */
  callback: z.object({ url: z.url(), dialect: DialectName }).nullable(),
  /** The address of notifications about failing deliveries. */
  notificationEmail: z.email().nullable(),
  /** Addresses that an operator allows for this organization's endpoints beyond public addresses on port 443. */
  egress: z.object({
    /** Hosts and CIDR blocks, on any port. */
    allow: z.array(z.string()),
    plainHttp: z.boolean(),
  }),
  /** Whether a case that a person should look at gets a review, and waits for it. */
  automaticReviews: z.boolean().default(false),
  ...referenceRecord,
});
export type Organization = z.infer<typeof Organization>;

export const Scope = z.enum([
  'cases:read',
  'cases:write',
  'documents:read',
  'reviews:read',
  'reviews:write',
  'orders:read',
  'orders:write',
  'orders:approve',
  'endpoints:read',
  'endpoints:write',
  'deliveries:read',
  'deliveries:write',
  'catalog:write',
]);
export type Scope = z.infer<typeof Scope>;

/** A key as other services see it: never the secret, only its HMAC. */
export const ApiKey = z.object({
  id: z.string(),
  organizationId: z.uuid(),
  environment: Environment,
  scopes: z.array(Scope),
  /** Names who acts with this key: it is recorded with reviews and revisions. */
  name: z.string().nullable().default(null),
  /** HMAC-SHA256 of the secret under the platform's pepper, hex. */
  hmac: z.string().length(64),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  ...referenceRecord,
});
export type ApiKey = z.infer<typeof ApiKey>;

/** A subscription of an endpoint: one version of one event type, or all types (`*`, at the latest version). */
export const Subscription = z.object({
  eventType: z.string().min(1),
  version: z.int().positive().nullable(),
  /** For a dialect with several names for the type: the names to receive; null for all. */
  names: z.array(z.string()).nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

/** A condition on an event's data; all conditions of a filter must be true. */
export const EventFilter = z.object({
  /** Names of properties, starting at the root of the data, joined by dots. */
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

/** What happens to a lane whose head is exhausted: it continues with the next event, or is blocked until someone decides. */
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
  /** Limit of requests per second; null for none. */
  ratePerSecond: z.number().positive().nullable(),
  /** Limit of concurrent requests, over all instances. */
  maxInFlight: z.int().positive(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  ...referenceRecord,
});
export type Endpoint = z.infer<typeof Endpoint>;

/**
 * The secrets that sign requests to an endpoint, or to callback URLs of an organization. All values are sealed with
 * AES-256-GCM, bound to the endpoint or organization; only the registry and delivery can open them.
 */
export const SigningSecret = z.object({
  /** The id of the endpoint, or of the organization. */
  ownerId: z.uuid(),
  sealed: z.string(),
  /** The secret before the last rotation: it signs in addition to the new one until then. */
  previous: z.object({ sealed: z.string(), until: z.iso.datetime() }).nullable(),
  /** The endpoint's token, for dialects that send one. */
  token: z.string().nullable(),
  /** The custom headers as JSON, name to value. */
  headers: z.string().nullable(),
  ...referenceRecord,
});
export type SigningSecret = z.infer<typeof SigningSecret>;

/** The seal context of an endpoint's secret, token and headers. */
export const endpointSecretContext = (endpointId: string): string => `endpoint:${endpointId}`;

/** The seal context of an organization's secret for callback URLs. */
export const callbackSecretContext = (organizationId: string): string =>
  `callback:${organizationId}`;
