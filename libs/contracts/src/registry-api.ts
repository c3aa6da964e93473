import { z } from 'zod';

import {
  Audience,
  DialectName,
  Endpoint,
  EventFilter,
  OnExhausted,
  Organization,
  Scope,
  Subscription,
  Team,
} from './registry.ts';
import { Environment, Feature } from './stage.ts';

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !/\p{Cc}/u.test(value), 'must not contain control characters');

const cidrOrHost = z
  .string()
  .regex(
    /^([0-9a-fA-F:.]+\/\d{1,3}|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)$/,
  );

export const Egress = z.strictObject({
  allow: z.array(cidrOrHost).max(50).default([]),
  plainHttp: z.boolean().default(false),
});

const httpUrl = z.url({ protocol: /^https?$/ }).max(2048);

/** RFC 5321: 64 characters before the @, labels of 63 that begin and end with a letter or digit, 254 in all. */
const emailAddress = z
  .email({
    pattern:
      /^(?=[^@]{1,64}@)[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/,
    error: 'must be an e-mail address',
  })
  .max(254);

/** A prefix ends with its dot, so that `screening.` does not match `screenings.hit`. */
const prefix = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}\.([a-z0-9-]{1,63}\.){0,3}$/);

const organization = {
  name: line(200),
  features: z.array(Feature),
  audiences: z.array(Audience).min(1),
  /** TI-1: off per organization. `case.completed` cannot be turned off (TI-4). */
  eventsOff: z
    .array(z.string().min(1).max(128))
    .max(200)
    .refine((names) => !names.includes('case.completed'), 'case.completed is always on'),
  callback: z.strictObject({ url: httpUrl, dialect: DialectName.default('casewire') }).nullable(),
  notificationEmail: emailAddress.nullable(),
  egress: Egress,
  automaticReviews: z.boolean(),
};

export const CreateOrganization = z
  .strictObject({
    ...organization,
    kind: z.enum(['partner', 'team']).default('partner'),
    team: z
      .strictObject({ slug: Team.shape.slug, prefixes: z.array(prefix).min(1).max(20) })
      .nullable()
      .default(null),
    features: organization.features.default(['extraction', 'forensics', 'translation']),
    /** By default `partner`, and for a team also `internal`. */
    audiences: organization.audiences.optional(),
    eventsOff: organization.eventsOff.default([]),
    callback: organization.callback.default(null),
    notificationEmail: organization.notificationEmail.default(null),
    egress: Egress.default({ allow: [], plainHttp: false }),
    automaticReviews: organization.automaticReviews.default(false),
  })
  .refine(({ kind, team }) => (kind === 'team') === (team !== null), {
    path: ['team'],
    message: 'is required for an organization of the kind team, and not allowed for others',
  });
export type CreateOrganization = z.infer<typeof CreateOrganization>;

/** The fields of an organization that an operator can change; kind and team are fixed. */
export const ChangeOrganization = z.strictObject(organization).partial();
export type ChangeOrganization = z.infer<typeof ChangeOrganization>;

export const OrganizationView = Organization.omit({ revision: true, deletedAt: true }).extend({
  createdAt: z.iso.datetime(),
});
export type OrganizationView = z.infer<typeof OrganizationView>;

export const CreateApiKey = z.strictObject({
  environment: Environment,
  scopes: z
    .array(Scope)
    .min(1)
    .default([...Scope.options]),
  /** Names who acts with this key: it is recorded with reviews and revisions. */
  name: line(100).nullable().default(null),
  expiresAt: z.iso.datetime().nullable().default(null),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** The response to the creation of a key: the only time that the key itself is shown. */
export const CreatedApiKey = z.object({
  id: z.string(),
  key: z.string(),
  organizationId: z.uuid(),
  environment: Environment,
  scopes: z.array(Scope),
  name: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

const EventTypes = z
  .array(z.string().min(1).max(128))
  .min(1)
  .max(200)
  .refine((names) => new Set(names).size === names.length, 'must not name an event type twice');

/** Set by the sender of every request; a custom header cannot replace them. */
const reservedHeader =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|expect|user-agent|webhook-.*|x-webhook-.*|x-truework-token|x-trustgate-.*|ce-.*|casewire-.*|traceparent|tracestate|proxy-.*)$/i;

const Headers = z
  .record(
    z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/, 'is no name of a header')
      .refine((name) => !reservedHeader.test(name), 'is a header that Casewire sets')
      .refine(
        (name) => name.toLowerCase() !== 'constructor',
        'must not be constructor, which every object has',
      ),
    z.string().regex(/^[\x20-\x7e]{0,1024}$/, 'must be at most 1024 printable ASCII characters'),
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'must be at most 20')
  .refine(
    (headers) =>
      new Set(Object.keys(headers).map((name) => name.toLowerCase())).size ===
      Object.keys(headers).length,
    'must not name a header twice',
  );

const endpointSettings = {
  url: httpUrl,
  description: line(500).nullable(),
  /** Names of event types, the catalog's or the dialect's; `*` for all. New subscriptions are to the latest version. */
  eventTypes: EventTypes,
  filters: z.array(EventFilter).max(20),
  /** Custom headers, name to value; the values are never shown again. */
  headers: Headers,
  retry: z
    .strictObject({
      delaySeconds: z
        .array(
          z
            .number()
            .min(1)
            .max(7 * 24 * 3600),
        )
        .min(1)
        .max(30),
    })
    .nullable(),
  onExhausted: OnExhausted,
  ratePerSecond: z.number().min(0.1).max(10_000).nullable(),
  maxInFlight: z.int().min(1).max(1000),
};

export const CreateEndpoint = z.strictObject({
  url: endpointSettings.url,
  description: endpointSettings.description.default(null),
  eventTypes: endpointSettings.eventTypes.default(['*']),
  dialect: DialectName.default('casewire'),
  filters: endpointSettings.filters.default([]),
  headers: endpointSettings.headers.default({}),
  retry: endpointSettings.retry.default(null),
  onExhausted: endpointSettings.onExhausted.default('skip'),
  ratePerSecond: endpointSettings.ratePerSecond.default(null),
  maxInFlight: endpointSettings.maxInFlight.default(64),
});
export type CreateEndpoint = z.infer<typeof CreateEndpoint>;

/** An operator creates an endpoint for an organization, with its audience (TE-3, TE-4). */
export const ProvisionEndpoint = CreateEndpoint.extend({
  environment: Environment,
  audience: Audience.default('partner'),
});
export type ProvisionEndpoint = z.infer<typeof ProvisionEndpoint>;

export const ChangeEndpoint = z
  .strictObject({ ...endpointSettings, enabled: z.boolean() })
  .partial();
export type ChangeEndpoint = z.infer<typeof ChangeEndpoint>;

export const EndpointView = Endpoint.omit({ revision: true, deletedAt: true });
export type EndpointView = z.infer<typeof EndpointView>;

/** The response to a creation or rotation: the only time that the secret is shown, as `whsec_` + base64. */
export const EndpointWithSecret = EndpointView.extend({ secret: z.string().startsWith('whsec_') });
export type EndpointWithSecret = z.infer<typeof EndpointWithSecret>;

/** A new secret: this is the only time that it is shown. */
export const SigningSecretShown = z.object({ secret: z.string().startsWith('whsec_') });
export type SigningSecretShown = z.infer<typeof SigningSecretShown>;

/** TW-22: the organization can read the token at any time. */
export const EndpointToken = z.object({ endpointId: z.uuid(), token: z.string() });
export type EndpointToken = z.infer<typeof EndpointToken>;

/** One difference between two versions of a schema. */
export const SchemaChange = z.object({
  /** JSON Pointer into the schema's instances, such as `/payload/status`; empty for the root. */
  path: z.string(),
  /** What changed, such as `property-removed`. */
  kind: z.string(),
  /** Whether a reader of the old version can fail on the new one, or the other way round. */
  breaking: z.boolean(),
  reason: z.string(),
});
export type SchemaChange = z.infer<typeof SchemaChange>;

/** The version to upgrade a subscription to; the latest by default. */
export const UpgradeSubscription = z.strictObject({ version: z.int().positive().optional() });
export type UpgradeSubscription = z.infer<typeof UpgradeSubscription>;

/** What an upgrade changes: the preview of the upgrade, and its response. */
export const SubscriptionUpgrade = z.object({
  eventType: z.string(),
  from: z.int().positive(),
  to: z.int().positive(),
  changes: z.array(SchemaChange),
});
export type SubscriptionUpgrade = z.infer<typeof SubscriptionUpgrade>;

export const SubscriptionView = Subscription.extend({
  /** The latest version of the type; null for `*`. */
  latest: z.int().positive().nullable(),
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;

/** An accepted test event: the delivery log has it under this id. */
export const PingSent = z.object({ eventId: z.uuid() });
export type PingSent = z.infer<typeof PingSent>;

/** Limit of endpoints of an organization, over both environments. */
export const maxEndpoints = 10;
