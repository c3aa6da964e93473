import { z } from 'zod';

import { EventType } from './event-type.ts';
import { VersionNumber } from './identifiers.ts';
import { SchemaChange } from './registry-api.ts';
import { Audience } from './registry.ts';
import { wholeNumber } from './whole-number.ts';

/** Names can contain dots, hyphens and capitals. */
export const EventTypeName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ -');

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => !/\p{Cc}/u.test(value), 'must not contain control characters');

const maxDepth = 64;

/** Level by level: recursion would overflow the stack on deeply nested values. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return false;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
  return true;
}

const jsonObject = z
  .record(z.string(), z.unknown())
  .refine(isShallow, { error: `must not be nested deeper than ${maxDepth} levels`, abort: true })
  .refine(
    (value) => JSON.stringify(value).length <= 262_144,
    'must be at most 262144 characters of JSON',
  );

const addressees = z
  .array(z.uuid())
  .max(1_000)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name an organization twice')
  .nullable();

const described = {
  category: line(64),
  trigger: line(500),
  /** JSON Schema 2020-12, within the catalog's closed set of keywords. */
  schema: jsonObject,
  sample: jsonObject,
};
const downConversion = z.string().min(1).max(16_384);

/** A team's new event type, at version 1. */
export const RegisterEventType = z.strictObject({
  name: EventTypeName,
  ...described,
  audience: Audience.default('partner'),
  /** Without these: the values of the seeded type that the team adopts, else `key` and `none`. */
  ordering: EventType.shape.ordering.optional(),
  callback: EventType.shape.callback.optional(),
  addressees: addressees.default(null),
  /** `reserved`: the name belongs to the team, and nothing is published yet. */
  status: z.enum(['reserved', 'active']).default('active'),
});
export type RegisterEventType = z.infer<typeof RegisterEventType>;

/** The next version of a team's event type; it can be incompatible with the version before. */
export const CreateEventTypeVersion = z.strictObject({
  /** If present: one more than the latest version. */
  version: z.int().positive().optional(),
  ...described,
  category: described.category.optional(),
  trigger: described.trigger.optional(),
  downConversion,
  status: z.enum(['reserved', 'active']).default('active'),
});
export type CreateEventTypeVersion = z.infer<typeof CreateEventTypeVersion>;

/** A change of a version; omitted fields stay as they are. Its schema must stay compatible in both directions. */
export const ChangeEventType = z
  .strictObject({ ...described, addressees, downConversion: downConversion.nullable() })
  .partial();
export type ChangeEventType = z.infer<typeof ChangeEventType>;

export const ChangeEventTypeStatus = z.strictObject({ status: EventType.shape.status });
export type ChangeEventTypeStatus = z.infer<typeof ChangeEventTypeStatus>;

export const EventTypeQuery = z.strictObject({
  owner: line(128).optional(),
  status: EventType.shape.status.optional(),
  category: line(64).optional(),
  audience: Audience.optional(),
  limit: wholeNumber(1, 200).default(200),
  cursor: z.string().max(512).optional(),
});
export type EventTypeQuery = z.infer<typeof EventTypeQuery>;

/** Only the owner of a type sees the organizations that it can be addressed to. */
export const EventTypeView = EventType.omit({
  revision: true,
  deletedAt: true,
  addressees: true,
}).extend({ addressees: EventType.shape.addressees.optional() });
export type EventTypeView = z.infer<typeof EventTypeView>;

export const SchemaDiffQuery = z.strictObject({ from: VersionNumber, to: VersionNumber });
export type SchemaDiffQuery = z.infer<typeof SchemaDiffQuery>;

export const SchemaDiff = z.object({
  name: z.string(),
  from: z.int().positive(),
  to: z.int().positive(),
  changes: z.array(SchemaChange),
});
export type SchemaDiff = z.infer<typeof SchemaDiff>;

/** A schema of a version, and the moment from which it was in force. */
export const SchemaRevision = z.object({
  schema: EventType.shape.schema,
  recordedAt: z.iso.datetime(),
});
export type SchemaRevision = z.infer<typeof SchemaRevision>;
