import { egressFault, type EgressPolicy } from '@casewire/egress';

import { invalid } from './api-error.ts';

/** The characters of a URI (RFC 3986, 2): others are percent-encoded, and a host name with others is in Punycode. */
const uri = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\dA-Fa-f]{2})+$/;

/**
 * Checks that a URL can be called by Casewire, and that the egress policy of the organization allows it. Host names are not resolved.
 * @param field the name of the request field with the URL
 * @throws ApiError 400 with the field and the rule
 */
export function checkCallableUrl(field: string, url: string, egress: EgressPolicy): void {
  const rule = brokenRule(url, egress);
  if (rule !== null) throw invalid([{ field, rule }]);
}

function brokenRule(url: string, egress: EgressPolicy): string | null {
  const parsed = new URL(url);
  if (parsed.username || parsed.password) return 'must not hold credentials';
  if (url.includes('#')) return 'must not have a fragment';
  const fault = egressFault(parsed, egress);
  if (fault !== null) return fault;
  return uri.test(url)
    ? null
    : 'must have only characters of a URI (RFC 3986): others are percent-encoded';
}
