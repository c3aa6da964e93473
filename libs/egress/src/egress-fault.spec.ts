import { describe, expect, test } from 'vitest';

import { impossibleHosts, refusedHosts } from '../test/address-spellings.ts';
import { egressFault, type EgressPolicy } from './egress-fault.ts';

const nothing: EgressPolicy = { allow: [], plainHttp: false };
const fault = (url: string, policy: Partial<EgressPolicy> = {}) =>
  egressFault(new URL(url), { ...nothing, ...policy });

describe('without egress permissions, and with permissions for other networks', () => {
  test.each(refusedHosts)('no URL with the host %s may be called', (host) => {
    for (const policy of [
      nothing,
      { allow: [], plainHttp: true },
      { allow: ['11.0.0.0/8', 'receiver.internal', '2a00::/16'], plainHttp: true },
    ]) {
      for (const [scheme, port] of [
        ['https', ''],
        ['https', ':8443'],
        ['http', ''],
      ])
        expect(egressFault(new URL(`${scheme}://${host}${port}/`), policy)).not.toBeNull();
    }
  });

  test.each(impossibleHosts)('a URL with the host %j is invalid', (host) => {
    expect(URL.canParse(`https://${host}/`)).toBe(false);
  });
});

test('the list has at least 124 hosts and no duplicates', () => {
  const all = [...refusedHosts, ...impossibleHosts];
  expect(all.length).toBeGreaterThanOrEqual(124);
  expect(new Set(all).size).toBe(all.length);
});

const notPublic = 'must not be an address that is not public, unless egress.allow has it';
const notNamed = 'must not be a name of this machine, unless egress.allow has it';
const otherPort = 'must be on port 443, unless egress.allow has its host or address';
const notTls = 'must be https, unless egress.allow has its host or address';

test.each<[string, Partial<EgressPolicy>, string | null]>([
  ['https://example.com/', {}, null],
  ['https://example.com:443/', {}, null],
  ['https://93.184.216.34/', {}, null],
  ['https://[2606:4700::1111]/', {}, null],
  ['http://example.com/', {}, 'must be https'],
  ['http://example.com/', { plainHttp: true }, notTls],
  ['http://93.184.216.34/', { plainHttp: true }, notTls],
  ['https://example.com:8443/', {}, otherPort],
  ['https://93.184.216.34:8443/', {}, otherPort],
  ['https://93.184.216.34:8443/', { allow: ['10.0.0.0/8'] }, otherPort],
  ['https://10.0.0.1/', {}, notPublic],
  ['https://10.0.0.1/', { allow: ['10.0.0.0/8'] }, null],
  ['https://10.0.0.1:9000/', { allow: ['10.0.0.1'] }, null],
  ['https://0x0a.1:9000/', { allow: ['10.0.0.0/8'] }, null],
  ['http://10.0.0.1/', { allow: ['10.0.0.0/8'] }, 'must be https'],
  ['http://10.0.0.1/', { allow: ['10.0.0.0/8'], plainHttp: true }, null],
  ['https://[fd00::1]/', { allow: ['fd00::/8'] }, null],
  ['https://[::ffff:10.0.0.1]/', { allow: ['10.0.0.0/8'] }, notPublic],
  ['https://localhost/', {}, notNamed],
  ['https://localhost/', { allow: ['127.0.0.0/8'] }, notNamed],
  ['http://localhost:3000/', { allow: ['localhost'], plainHttp: true }, null],
  // A name can resolve to an address in an allowed block: the address is checked at the request.
  ['https://receiver.internal:8443/', { allow: ['10.0.0.0/8'] }, null],
  ['http://receiver.internal/', { allow: ['10.0.0.0/8'], plainHttp: true }, null],
  ['https://receiver.internal:8443/', { allow: ['receiver.internal'] }, null],
  ['https://receiver.internal:8443/', { allow: ['other.internal'] }, otherPort],
])('%s with %j: %s', (url, policy, expected) => {
  expect(fault(url, policy)).toBe(expected);
});
