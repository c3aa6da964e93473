import { createSecureServer } from 'node:http2';
import type { ServerOptions } from 'node:https';

import { afterEach, describe, expect, test } from 'vitest';

import { certificate } from '../../../test/certificates.ts';
import {
  authority,
  delivered,
  EgressEnvironment,
  loopback,
  portOf,
  post,
  to,
} from '../../../test/egress-environment.ts';

const world = new EgressEnvironment();
afterEach(() => world.close());

describe('TLS', () => {
  const named = (names: string[], more = {}) => certificate({ names, issuer: authority, ...more });
  const call = async (options: ServerOptions, host = 'receiver.test') =>
    post(`https://${host}:${await world.https(options)}/`, world.agent(loopback, to('127.0.0.1')));

  test('with a certificate for the name is what is asked for', async () => {
    expect(await call(named(['receiver.test']))).toMatchObject(delivered);
    expect(await call(named(['*.receiver.test']), 'hooks.receiver.test')).toMatchObject(delivered);
  });

  test('with a certificate for the address serves an address', async () => {
    expect(await call(named(['127.0.0.1']), '127.0.0.1')).toMatchObject(delivered);
  });

  test.each([
    [
      'expired',
      named(['receiver.test'], { notAfter: new Date(Date.now() - 1000) }),
      'CERT_HAS_EXPIRED',
    ],
    [
      'not valid yet',
      named(['receiver.test'], { notBefore: new Date(Date.now() + 60_000) }),
      'CERT_NOT_YET_VALID',
    ],
    ['for another name', named(['other.test']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['for the address and not the name', named(['127.0.0.1']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['signed by itself', certificate({ names: ['receiver.test'] }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'signed by somebody unknown',
      certificate({ names: ['receiver.test'], issuer: certificate({}) }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('with a certificate that is %s is refused', async (_, { cert, key }, code) => {
    const answer = await call({ cert, key });
    expect(answer).toMatchObject({ status: null, error: expect.stringContaining(code) as string });
  });

  test('with a certificate for a name does not serve an address', async () => {
    const answer = await call(named(['receiver.test']), '127.0.0.1');
    expect(answer.error).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('before 1.2 is refused', async () => {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    const answer = await call({ ...named(['receiver.test']), ...old });
    expect(answer.status).toBeNull();
    expect(answer.error).toMatch(/PROTOCOL|VERSION|SSL/i);
  });

  test('spoken by something that does not speak it fails', async () => {
    const { port } = await world.http();
    const answer = await post(`https://127.0.0.1:${port}/`, world.agent(loopback));
    expect(answer).toMatchObject({ status: null });
  });

  test('is HTTP/1.1 inside, also where the receiver would like HTTP/2', async () => {
    const versions: string[] = [];
    const { cert, key } = named(['receiver.test']);
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.writeHead(204).end();
    });
    const port = portOf(await world.listening(server));
    const guard = world.agent(loopback, to('127.0.0.1'));
    expect(await post(`https://receiver.test:${port}/`, guard)).toMatchObject(delivered);
    expect(versions).toEqual(['1.1']);
  });
});
