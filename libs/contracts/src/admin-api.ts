import type { z } from 'zod';

import { PageQuery } from './case-api.ts';
import { ApiKey } from './registry.ts';
import { Environment } from './stage.ts';

/** An API key as the operator sees it: neither the key nor what it is checked by. */
export const ApiKeyView = ApiKey.omit({ hmac: true, revision: true, deletedAt: true });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** The endpoints of an organization, in both environments where none is given. */
export const OrganizationEndpointsQuery = PageQuery.extend({ environment: Environment.optional() });
export type OrganizationEndpointsQuery = z.infer<typeof OrganizationEndpointsQuery>;
