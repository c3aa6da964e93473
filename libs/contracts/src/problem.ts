import { z } from 'zod';

/** RFC 9457 problem details with a stable code, the id of the request, and the rules that fields break. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ field: z.string(), rule: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
