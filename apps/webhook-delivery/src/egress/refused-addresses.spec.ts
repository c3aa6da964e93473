import { promises as dns } from 'node:dns';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { blocked, EgressWorld, nothing, post, to } from '../testing/egress.ts';
import type { Resolve } from './guarded-agent.ts';

const world = new EgressWorld();
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

describe('without permissions', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '10.0.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '[fd00:ec2::254]',
    'user:secret@127.0.0.1',
    // loopback in every spelling that a URL allows
    '127.0.1',
    '127.255.255.254',
    '127.0.0.1.',
    '0x7F.0x0.0x0.0x1',
    '0177.0.0.01',
    '0x7f.0.1',
    '127。0。0。1',
    '①②⑦.⓪.⓪.①',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::7f00:1]',
    '[2001:0:7f00:1::1]',
    // private, shared and link-local networks
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.168.257',
    '3232235777',
    '0300.0250.0.1',
    '100.64.0.1',
    '169.254.0.1',
    '[fe80::1]',
    '[fc00::1]',
    '[fec0::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:c0a8:101]',
    '[2002:c0a8:101::1]',
    // metadata services, plain and disguised
    '169.254.169.254.',
    '2852039166',
    '0251.0376.0251.0376',
    '025177524776',
    '0xa9.0xfe.0xa9.0xfe',
    '169.254.43518',
    '169.16689662',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fd20:ce::254]',
    // nobody's
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '[ff02::1]',
    '[2001:db8::1]',
    '[100::1]',
  ])('nothing at %s is connected to', async (host) => {
    const { port, connections } = await world.http();
    expect(await post(`https://${host}:${port}/`, world.agent(nothing))).toMatchObject(blocked);
    expect(connections).toEqual([]);
  });

  test.each([
    '[fe80::1%25eth0]',
    '[::1%lo]',
    '127.0.0.256',
    '0x100000000',
    '[::ffff:127.0.0.1',
    '',
  ])('what no URL may have as its host is not called: %j', async (host) => {
    const { port, connections } = await world.http();
    const answer = await post(`https://${host}:${port}/`, world.agent(nothing));
    expect(answer).toMatchObject({ status: null, error: expect.any(String) as string });
    expect(connections).toEqual([]);
  });

  test.each(['localhost', 'localhost.', 'sub.localhost', 'metadata.google.internal'])(
    'the machine’s own name %s is not asked of the machine',
    async (host) => {
      const { port, connections } = await world.http();
      // Who answers is a resolver without a network: it knows none of them.
      const ofDns = [
        vi.spyOn(dns.Resolver.prototype, 'resolve4').mockRejectedValue(new Error('ENOTFOUND')),
        vi.spyOn(dns.Resolver.prototype, 'resolve6').mockRejectedValue(new Error('ENOTFOUND')),
      ];
      const ofTheMachine = vi.spyOn(dns, 'lookup');
      const answer = await post(`https://${host}:${port}/`, world.agent(nothing));
      expect(answer.error).toMatch(/^ENOTFOUND/);
      for (const asked of ofDns) expect(asked.mock.calls).toEqual([[host]]);
      expect(ofTheMachine.mock.calls).toEqual([]);
      expect(connections).toEqual([]);
    },
  );

  test.each([
    ['only inside', ['127.0.0.1']],
    ['outside and inside', ['93.184.216.34', '127.0.0.1']],
    ['inside and outside', ['127.0.0.1', '93.184.216.34']],
    ['outside, and inside in IPv6', ['93.184.216.34', '::1']],
    ['outside, and inside in a disguise', ['93.184.216.34', '::ffff:127.0.0.1']],
    ['at a metadata service', ['169.254.169.254']],
    ['at a metadata service in IPv6', ['fd00:ec2::254']],
    ['at a metadata service behind NAT64', ['64:ff9b::a9fe:a9fe']],
    ['inside behind 6to4', ['2002:7f00:1::']],
    ['link-local with a zone', ['fe80::1%eth0']],
    ['written in octal', ['0177.0.0.1']],
    ['outside twice, and inside at the end', ['93.184.216.34', '1.1.1.1', '192.168.0.1']],
    ['at something that is no address', ['localhost']],
  ])('a name that is %s is refused', async (_, addresses) => {
    const { port, connections } = await world.http();
    const answer = await post(
      `https://receiver.test:${port}/`,
      world.agent(nothing, to(...addresses)),
    );
    expect(answer).toMatchObject(blocked);
    expect(answer.error).not.toContain('127.0.0.1');
    expect(connections).toEqual([]);
  });

  test('a public address is called on port 443 alone, and not without TLS', async () => {
    const guard = world.agent(nothing, to('93.184.216.34'));
    expect((await post('https://receiver.test:8443/', guard)).error).toContain('8443');
    expect((await post('http://receiver.test/', guard)).error).toContain('not https');
    expect((await post('http://receiver.test:443/', guard)).error).toContain('not https');
  });

  test('a name without an address, and one that cannot be resolved, are failures like others', async () => {
    expect((await post('https://receiver.test/', world.agent(nothing, to()))).error).toContain(
      'ENOTFOUND',
    );
    const broken: Resolve = () => Promise.reject(new Error('no resolver'));
    expect((await post('https://receiver.test/', world.agent(nothing, broken))).error).toContain(
      'no resolver',
    );
  });
});
