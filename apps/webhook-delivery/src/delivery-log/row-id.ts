import { z } from 'zod';

/** The id of a delivery, a replay or a dead letter. */
export const RowId = z.string().regex(/^\d{1,18}$/, 'must be 1 to 18 digits');
