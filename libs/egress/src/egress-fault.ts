import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { isPublic, isWithin } from './public-address.ts';

/** What an operator allows an organization beyond public addresses on port 443. */
export interface EgressPolicy {
  /** Hosts and CIDR blocks, reachable on any port. */
  allow: readonly string[];
  plainHttp: boolean;
}

/**
 * The rule by which a URL can never be called under a policy, as far as the URL alone says; null where it may be callable.
 * Nothing is resolved: a name may have an address that is allowed, and what it has is checked whenever it is called.
 */
export function egressFault(url: URL, { allow, plainHttp }: EgressPolicy): string | null {
  const { protocol } = url;
  if (protocol !== 'https:' && !plainHttp) return 'must be https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host) !== 0;
  const named = allow.includes(host);
  const special = named || isWithin(host, allow);
  if (literal && !special && !isPublic(host))
    return 'must not be an address that is not public, unless egress.allow has it';
  if (isThisMachine(host) && !named)
    return 'must not be a name of this machine, unless egress.allow has it';
  const maybeSpecial = special || (!literal && allow.some((one) => ipaddr.isValidCIDR(one)));
  if (maybeSpecial) return null;
  if (protocol !== 'https:') return 'must be https, unless egress.allow has its host or address';
  if (url.port !== '' && url.port !== '443')
    return 'must be on port 443, unless egress.allow has its host or address';
  return null;
}

/** RFC 6761, 6.3: localhost and the names below it are this machine, also with a dot behind them. */
const isThisMachine = (host: string): boolean => /(^|\.)localhost\.?$/.test(host);
