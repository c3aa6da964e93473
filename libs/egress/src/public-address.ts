import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

// "Unicast" to the library, yet not public: a cloud's metadata relay, 6to4 relays, benchmarks of protocols.
const denied = [
  '168.63.129.16/32',
  '192.88.99.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.175.48.0/24',
].map((cidr) => ipaddr.parseCIDR(cidr));
const global6 = ipaddr.parseCIDR('2000::/3');
const denied6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);

/** Whether an address is on the public internet. What is not written plainly is not: no zone, no octal, no hex. */
export function isPublic(address: string): boolean {
  if (!isIP(address) || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  // Addresses that hold another (v4-mapped, NAT64, 6to4, Teredo) are no unicast: they are never unwrapped.
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv6')
    return parsed.match(global6) && !denied6.some((cidr) => parsed.match(cidr));
  return !denied.some((cidr) => parsed.match(cidr));
}

/** Whether an address lies in one of these CIDR blocks. What is no block matches nothing. */
export function isWithin(address: string, blocks: readonly string[]): boolean {
  if (!isIP(address) || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  return blocks.some((block) => {
    if (!ipaddr.isValidCIDR(block)) return false;
    const cidr = ipaddr.parseCIDR(block);
    return cidr[0].kind() === parsed.kind() && parsed.match(cidr);
  });
}
