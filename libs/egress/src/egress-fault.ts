import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { isPublic, isWithin } from './public-address.ts';

/** The destinations that an operator allows an organization to call in addition to public addresses on port 443. */
export interface EgressPolicy {
  /** Host names, addresses and CIDR blocks that may be called on any port. */
  allow: readonly string[];
  plainHttp: boolean;
}

/**
 * Checks a URL against an egress policy without resolving its host name. A name can resolve to an allowed address, so the
 * resolved address is checked again at each request.
 * @returns the rule that the URL breaks whatever its name resolves to; null where the URL may be callable
 */
export function egressFault(url: URL, { allow, plainHttp }: EgressPolicy): string | null {
  const { protocol } = url;
  if (protocol !== 'https:' && !plainHttp) return 'must be https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host) !== 0;
  const named = allow.includes(host);
  const allowed = named || isWithin(host, allow);
  if (literal && !allowed && !isPublic(host))
    return 'must not be an address that is not public, unless egress.allow has it';
  if (isThisMachine(host) && !named)
    return 'must not be a name of this machine, unless egress.allow has it';
  const mayBeAllowed = allowed || (!literal && allow.some((entry) => ipaddr.isValidCIDR(entry)));
  if (mayBeAllowed) return null;
  if (protocol !== 'https:') return 'must be https, unless egress.allow has its host or address';
  if (url.port !== '' && url.port !== '443')
    return 'must be on port 443, unless egress.allow has its host or address';
  return null;
}

/** RFC 6761, 6.3: localhost and its subdomains are this machine, also with a trailing dot. */
const isThisMachine = (host: string): boolean => /(^|\.)localhost\.?$/.test(host);
