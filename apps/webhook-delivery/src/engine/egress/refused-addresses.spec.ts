import { promises as dns } from 'node:dns';

import { impossibleHosts, refusedHosts } from '@casewire/egress/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { blocked, EgressEnvironment, nothing, post, to } from '../../../test/egress-environment.ts';
import type { Resolve } from './guarded-agent.ts';

const world = new EgressEnvironment();
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** Those are asked of a resolver: see below. */
const names = /local(h|%68)ost|ｌocalhost/i;

describe('without permissions', () => {
  test.each(refusedHosts.filter((host) => !names.test(host)))(
    'nothing at %s is connected to',
    async (host) => {
      const { port, connections } = await world.http();
      expect(await post(`https://${host}:${port}/`, world.agent(nothing))).toMatchObject(blocked);
      expect(connections).toEqual([]);
    },
  );

  test.each(impossibleHosts)('what no URL may have as its host is not called: %j', async (host) => {
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
