import { egressFault, type EgressPolicy } from '@casewire/egress';

import { invalid } from './api-error.ts';

/**
 * Holds a URL that is to be called against what may be called at all, and against what the organization's egress can ever
 * reach. Names are not resolved.
 * @param field the name of the field that it was given in
 * @throws Refusal that names the field and the rule
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
