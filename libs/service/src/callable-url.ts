import { egressFault, type EgressPolicy } from '@casewire/egress';

import { invalid } from './api-error.ts';

/**
 * Checks that a URL can be called by Casewire, and that the egress policy of the organization allows it. Host names are not resolved.
 * @param field the name of the request field with the URL
 * @throws ApiError 400 with the field and the rule
 */
export function checkCallableUrl(field: string, url: string, egress: EgressPolicy): void {
  const parsed = new URL(url);
  const rule =
    parsed.username || parsed.password
      ? 'must not hold credentials'
      : url.includes('#')
        ? 'must not have a fragment'
        : egressFault(parsed, egress);
  if (rule !== null) throw invalid([{ field, rule }]);
}
