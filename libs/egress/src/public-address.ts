import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

// Addresses that ipaddr.js calls unicast but that are not public: a cloud's metadata service, 6to4 relays, AS112 servers.
const notPublicV4 = [
  '168.63.129.16/32',
  '192.88.99.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.175.48.0/24',
].map((cidr) => ipaddr.parseCIDR(cidr));
const globalUnicastV6 = ipaddr.parseCIDR('2000::/3');
const notPublicV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);

/**
 * Whether an address is on the public internet. Only the plain notation counts: an address with a zone, or in octal or
 * hexadecimal notation, is not public.
 */
export function isPublic(address: string): boolean {
  if (!isIP(address) || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  // Addresses that embed an IPv4 address (v4-mapped, NAT64, 6to4, Teredo) are not unicast, whatever they embed.
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv6')
    return parsed.match(globalUnicastV6) && !notPublicV6.some((cidr) => parsed.match(cidr));
  return !notPublicV4.some((cidr) => parsed.match(cidr));
}

/** Whether an address is in one of these CIDR blocks. An entry that is not a CIDR block matches nothing. */
export function isWithin(address: string, blocks: readonly string[]): boolean {
  if (!isIP(address) || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  return blocks.some((block) => {
    if (!ipaddr.isValidCIDR(block)) return false;
    const cidr = ipaddr.parseCIDR(block);
    return cidr[0].kind() === parsed.kind() && parsed.match(cidr);
  });
}
