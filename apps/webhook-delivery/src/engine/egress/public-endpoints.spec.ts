import { buildConnector } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';

import { certificate } from '../../../test/certificates.ts';
import {
  authority,
  blocked,
  delivered,
  EgressEnvironment,
  nothing,
  post,
  to,
} from '../../../test/egress-environment.ts';

const world = new EgressEnvironment();
afterEach(() => world.close());

/** An internet where one machine has all addresses, and shows a certificate for this name. */
async function internet(name: string) {
  const dialed: string[] = [];
  const secure = await world.https(certificate({ names: [name], issuer: authority }));
  const plain = (await world.http()).port;
  const connector: typeof buildConnector = (options) => {
    const dial = buildConnector(options);
    return ({ hostname: address, ...asked }, callback) => {
      const isSecure = asked.protocol === 'https:';
      const port = asked.port || (isSecure ? 443 : 80);
      dialed.push(`${asked.protocol}//${address}:${port} for ${asked.servername || 'nobody'}`);
      const here = { hostname: '127.0.0.1', port: `${isSecure ? secure : plain}` };
      dial({ ...asked, ...here }, (error, socket) => {
        if (error) callback(error, null);
        else callback(null, Object.defineProperty(socket, 'remoteAddress', { value: address }));
      });
    };
  };
  return { dialed, connector };
}

describe('without any permission', () => {
  test.each([
    '93.184.216.34',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:800::200e',
  ])('a name at %s is called there on port 443, by TLS for its name', async (address) => {
    const { dialed, connector } = await internet('receiver.test');
    const guard = world.agent(nothing, to(address), {}, connector);
    expect(await post('https://receiver.test/hook', guard)).toMatchObject(delivered);
    expect(await post('https://receiver.test:443/hook', guard)).toMatchObject(delivered);
    expect(new Set(dialed)).toEqual(new Set([`https://${address}:443 for receiver.test`]));
  });

  test.each([
    ['93.184.216.34', '1.1.1.1'],
    ['93.184.216.34', '2606:4700:4700::1111'],
    ['2606:4700:4700::1111', '93.184.216.34'],
  ])('one that is at %s and at %s is called at the first', async (...addresses) => {
    const { dialed, connector } = await internet('receiver.test');
    const guard = world.agent(nothing, to(...addresses), {}, connector);
    expect(await post('https://receiver.test/', guard)).toMatchObject(delivered);
    expect(dialed).toEqual([`https://${addresses[0]}:443 for receiver.test`]);
  });

  test.each([
    ['93.184.216.34', '93.184.216.34'],
    ['[2606:4700:4700::1111]', '2606:4700:4700::1111'],
  ])('the address %s itself is called, and no name is asked for', async (host, address) => {
    const { dialed, connector } = await internet('127.0.0.1');
    const guard = world.agent(nothing, () => expect.fail('it was resolved'), {}, connector);
    expect(await post(`https://${host}/`, guard)).toMatchObject(delivered);
    expect(dialed).toEqual([`https://${address}:443 for nobody`]);
  });

  test.each([
    ['https://receiver.test/', ['93.184.216.34', '10.0.0.1']],
    ['https://receiver.test/', ['2606:4700:4700::1111', '::1']],
    ['https://receiver.test:8443/', ['93.184.216.34']],
    ['http://receiver.test/', ['93.184.216.34']],
    ['https://169.254.169.254/', []],
  ])('nothing is dialed for %s at %j', async (url, addresses) => {
    const { dialed, connector } = await internet('receiver.test');
    const guard = world.agent(nothing, to(...addresses), {}, connector);
    expect(await post(url, guard)).toMatchObject(blocked);
    expect(dialed).toEqual([]);
  });
});

describe('with a permission', () => {
  test.each([
    ['for its name', 'receiver.test', '93.184.216.34'],
    ['for its block', '93.184.216.0/24', '93.184.216.34'],
    ['for its block in IPv6', '2606:4700::/32', '2606:4700:4700::1111'],
  ])('%s a public endpoint is called on any port, and without TLS', async (_, allowed, address) => {
    const { dialed, connector } = await internet('receiver.test');
    const policy = { allow: [allowed], plainHttp: true };
    const guard = world.agent(policy, to(address), {}, connector);
    expect(await post('https://receiver.test:8443/', guard)).toMatchObject(delivered);
    expect(await post('http://receiver.test:8080/', guard)).toMatchObject(delivered);
    expect(dialed).toEqual([
      `https://${address}:8443 for receiver.test`,
      `http://${address}:8080 for receiver.test`,
    ]);
  });
});
