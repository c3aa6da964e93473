import { z } from 'zod';

import { Audience, DialectName, Endpoint, Organization, Scope } from './registry.ts';
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

export const CreateOrganization = z.strictObject({
  name: line(200),
  kind: z.enum(['partner', 'team']).default('partner'),
  features: z.array(Feature).default(['extraction', 'forensics', 'translation']),
  egress: Egress.default({ allow: [], plainHttp: false }),
});
export type CreateOrganization = z.infer<typeof CreateOrganization>;

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
  expiresAt: z.iso.datetime().nullable().default(null),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** The answer to the creation of a key: the only time that the key itself is shown. */
export const CreatedApiKey = z.object({
  id: z.string(),
  key: z.string(),
  organizationId: z.uuid(),
  environment: Environment,
  scopes: z.array(Scope),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

const EventTypes = z
  .array(z.string().min(1).max(128))
  .min(1)
  .max(200)
  .refine((names) => new Set(names).size === names.length, 'must not name an event type twice');

export const CreateEndpoint = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2048),
  description: line(500).nullable().default(null),
  /** Names of event types; `*` for all. New subscriptions are to the latest version. */
  eventTypes: EventTypes.default(['*']),
  dialect: DialectName.default('casewire'),
});
export type CreateEndpoint = z.infer<typeof CreateEndpoint>;

/** An operator provisions for an organization, and says the audience (TE-3, TE-4). */
export const ProvisionEndpoint = CreateEndpoint.extend({
  environment: Environment,
  audience: Audience.default('partner'),
});
export type ProvisionEndpoint = z.infer<typeof ProvisionEndpoint>;

export const ChangeEndpoint = z
  .strictObject({
    url: CreateEndpoint.shape.url,
    description: line(500).nullable(),
    eventTypes: EventTypes,
    enabled: z.boolean(),
  })
  .partial();
export type ChangeEndpoint = z.infer<typeof ChangeEndpoint>;

export const EndpointView = Endpoint.omit({ revision: true, deletedAt: true });
export type EndpointView = z.infer<typeof EndpointView>;

/** The answer to a creation or rotation: the only time that the secret is shown, as `whsec_` + base64. */
export const EndpointWithSecret = EndpointView.extend({ secret: z.string().startsWith('whsec_') });
export type EndpointWithSecret = z.infer<typeof EndpointWithSecret>;

/** Endpoints an organization may have, over both environments. */
export const maxEndpoints = 10;
