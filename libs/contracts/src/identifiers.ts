import { z } from 'zod';

import { wholeNumber } from './whole-number.ts';

/** The id of an organization, a case, an upload, an event or an endpoint. */
export const EntityId = z.uuid('must be a UUID');

/** The id of a delivery, a replay or a dead letter. */
export const RowId = z.string().regex(/^\d{1,18}$/, 'must be 1 to 18 digits');

/** The id of an API key, which is part of the key. */
export const ApiKeyId = z.string().regex(/^[0-9a-f]{18}$/, 'must be 18 of 0-9 a-f');

/** The value of the header `Idempotency-Key`. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');

/** The name of an event type in a path, as in the endpoint's subscription; `*` for all types. */
export const SubscribedName = z
  .string()
  .regex(/^(\*|[A-Za-z0-9._-]{1,128})$/, 'must be * or 1 to 128 of A-Z a-z 0-9 . _ -');

/** The version of an event type, in a path or a query. */
export const VersionNumber = wholeNumber(1, 1_000_000);

/** The place of a page in its document, or of an item in a list, from 1; in a path. */
export const OrdinalNumber = wholeNumber(1, 1_000_000);
