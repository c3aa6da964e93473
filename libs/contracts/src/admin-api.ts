import type { z } from 'zod';

import { PageQuery } from './case-api.ts';
import { ApiKey } from './registry.ts';
import { Environment } from './stage.ts';

/** An API key as the operator sees it, without the key and its HMAC. */
export const ApiKeyView = ApiKey.omit({ hmac: true, revision: true, deletedAt: true });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** The endpoints of an organization, by default in both environments. */
export const OrganizationEndpointsQuery = PageQuery.extend({ environment: Environment.optional() });
export type OrganizationEndpointsQuery = z.infer<typeof OrganizationEndpointsQuery>;
