import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { Agent } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';

import { send } from '../dispatch/sender.ts';
import { certificate } from '../testing/certificates.ts';
import { Agents } from './agents.ts';
import { guardedAgent, resolveAll, type EgressPolicy, type Resolve } from './guarded-agent.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const authority = certificate({});
const nothing: EgressPolicy = { allow: [], plainHttp: false };
const loopback: EgressPolicy = { allow: ['127.0.0.0/8'], plainHttp: true };
const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses;

function agent(policy: EgressPolicy, resolve: Resolve = resolveAll, tls: object = {}): Agent {
  const made = guardedAgent(policy, resolve, { ca: authority.cert, ...tls });
  open.push(() => made.destroy());
  return made;
}

const post = (url: string, dispatcher: Agent) =>
  send({ url, headers: {}, body: Buffer.from('{}'), timeoutMs: 5_000, dispatcher });

async function listening<S extends Server>(server: S, where: string | number = 0): Promise<S> {
  const connections: { destroy(): void }[] = [];
  server.on('connection', (socket: { destroy(): void }) => connections.push(socket));
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function http(): Promise<{
  server: HttpServer;
  port: number;
  paths: string[];
  connections: number[];
}> {
  const paths: string[] = [];
  const connections: number[] = [];
  const server = createHttpServer((request, response) => {
    paths.push(request.url!);
    request.resume().on('end', () => response.writeHead(204).end());
  });
  server.on('connection', ({ remotePort }) => connections.push(remotePort!));
  await listening(server);
  return { server, port: portOf(server), paths, connections };
}

const https = async (options: ServerOptions) =>
  portOf(
    await listening(
      createHttpsServer(options, (request, response) => {
        request.resume().on('end', () => response.writeHead(204).end());
      }),
    ),
  );

const blocked = { status: null, error: expect.stringMatching(/^EGRESS_BLOCKED: /) as string };
const delivered = { status: 204, error: null };

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
    const { port, connections } = await http();
    expect(await post(`https://${host}:${port}/`, agent(nothing))).toMatchObject(blocked);
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
    const { port, connections } = await http();
    const answer = await post(`https://${host}:${port}/`, agent(nothing));
    expect(answer).toMatchObject({ status: null, error: expect.any(String) as string });
    expect(connections).toEqual([]);
  });

  test.each(['localhost', 'localhost.', 'sub.localhost', 'metadata.google.internal'])(
    'the machine’s own name %s is not asked of the machine',
    async (host) => {
      const { port, connections } = await http();
      const resolve: Resolve = async (_, named) => (named ? ['127.0.0.1'] : []);
      const answer = await post(`https://${host}:${port}/`, agent(nothing, resolve));
      expect(answer).toMatchObject({ status: null });
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
    const { port, connections } = await http();
    const answer = await post(`https://receiver.test:${port}/`, agent(nothing, to(...addresses)));
    expect(answer).toMatchObject(blocked);
    expect(answer.error).not.toContain('127.0.0.1');
    expect(connections).toEqual([]);
  });

  test('a public address is called on port 443 alone, and not without TLS', async () => {
    const guard = agent(nothing, to('93.184.216.34'));
    expect((await post('https://receiver.test:8443/', guard)).error).toContain('8443');
    expect((await post('http://receiver.test/', guard)).error).toContain('not https');
    expect((await post('http://receiver.test:443/', guard)).error).toContain('not https');
  });

  test('a name without an address, and one that cannot be resolved, are failures like others', async () => {
    expect((await post('https://receiver.test/', agent(nothing, to()))).error).toContain(
      'ENOTFOUND',
    );
    const broken: Resolve = () => Promise.reject(new Error('no resolver'));
    expect((await post('https://receiver.test/', agent(nothing, broken))).error).toContain(
      'no resolver',
    );
  });
});

describe('with permissions', () => {
  test('a block is reached on any port, what is beside it is not', async () => {
    const { port } = await http();
    const narrow = { allow: ['127.0.0.1/32'], plainHttp: true };
    expect(await post(`http://127.0.0.1:${port}/`, agent(narrow))).toMatchObject(delivered);
    expect(await post(`http://127.0.0.2:${port}/`, agent(narrow))).toMatchObject(blocked);
    const named = agent(narrow, to('127.0.0.1', '127.0.0.2'));
    expect(await post(`http://receiver.test:${port}/`, named)).toMatchObject(blocked);
  });

  test('a host is reached by its name wherever it is, and no other by the same address', async () => {
    const { port } = await http();
    const guard = agent({ allow: ['receiver.test'], plainHttp: true }, to('127.0.0.1'));
    expect(await post(`http://receiver.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://RECEIVER.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://other.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://sub.receiver.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://127.0.0.1:${port}/`, guard)).toMatchObject(blocked);
  });

  test('localhost is one of them where an operator says so', async () => {
    const { port } = await http();
    const guard = agent({ allow: ['localhost'], plainHttp: true });
    expect(await post(`http://localhost:${port}/`, guard)).toMatchObject(delivered);
  });

  test('plain HTTP needs a permission of its own, and is for permitted places alone', async () => {
    const { port, connections } = await http();
    const secure = agent({ allow: ['127.0.0.0/8'], plainHttp: false });
    expect((await post(`http://127.0.0.1:${port}/`, secure)).error).toContain('not https');
    const plain = agent({ allow: [], plainHttp: true }, to('93.184.216.34'));
    expect(await post('http://receiver.test/', plain)).toMatchObject(blocked);
    expect(await post('http://receiver.test:443/', plain)).toMatchObject(blocked);
    expect(connections).toEqual([]);
  });

  test.each([
    [301, 'http://169.254.169.254/latest/meta-data/'],
    [302, 'http://169.254.169.254/latest/meta-data/'],
    [303, 'http://[fd00:ec2::254]/latest/meta-data/'],
    [307, '//127.0.0.1/elsewhere'],
    [308, '/elsewhere'],
  ])('TE-25 a redirect is an answer, wherever it points to: %i to %s', async (status, location) => {
    const paths: string[] = [];
    const server = createHttpServer((request, response) => {
      paths.push(request.url!);
      response.writeHead(status, { location }).end();
    });
    const port = portOf(await listening(server));
    const answer = await post(`http://127.0.0.1:${port}/hook`, agent(loopback));
    expect(answer).toMatchObject({ status, error: null });
    expect(paths).toEqual(['/hook']);
  });
});

describe('a name whose address changes', () => {
  test('is connected to at the address that was checked, and checked again for the next connection', async () => {
    const { server, port, connections } = await http();
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    let asked = 0;
    const guard = agent(loopback, async () => answers[asked++] ?? []);
    const url = `http://receiver.test:${port}/`;
    expect(await post(url, guard)).toMatchObject(delivered);
    // The connection is free again a turn after its answer.
    await setImmediate();
    expect(await post(url, guard)).toMatchObject(delivered);
    expect([asked, connections.length]).toEqual([1, 1]);
    server.closeAllConnections();
    expect(await post(url, guard)).toMatchObject({ status: null });
    expect(await post(url, guard)).toMatchObject({ status: null });
    expect(connections).toHaveLength(1);
  });

  test('is refused when the connection ends somewhere else than at what was checked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-egress-'));
    open.push(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'elsewhere');
    const paths: string[] = [];
    await listening(
      createHttpServer((request, response) => {
        paths.push(request.url!);
        response.end();
      }),
      socketPath,
    );
    const guard = agent(loopback, to('127.0.0.1'), { socketPath });
    expect((await post('http://receiver.test/', guard)).error).toContain('peer');
    expect(paths).toEqual([]);
  });
});

describe('TLS', () => {
  const named = (names: string[], more = {}) => certificate({ names, issuer: authority, ...more });
  const call = async (options: ServerOptions, host = 'receiver.test') =>
    post(`https://${host}:${await https(options)}/`, agent(loopback, to('127.0.0.1')));

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
    const { port } = await http();
    const answer = await post(`https://127.0.0.1:${port}/`, agent(loopback));
    expect(answer).toMatchObject({ status: null });
  });

  test('is HTTP/1.1 inside, also where the receiver would like HTTP/2', async () => {
    const versions: string[] = [];
    const { cert, key } = named(['receiver.test']);
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.writeHead(204).end();
    });
    const port = portOf(await listening(server));
    const guard = agent(loopback, to('127.0.0.1'));
    expect(await post(`https://receiver.test:${port}/`, guard)).toMatchObject(delivered);
    expect(versions).toEqual(['1.1']);
  });
});

describe('agents', () => {
  const pool = () => {
    const agents = new Agents((policy) => guardedAgent(policy, to('127.0.0.1')));
    open.push(() => agents.close());
    return agents;
  };

  test('are one for each policy, in whatever order it is written', () => {
    const agents = pool();
    const policy = { allow: ['a.test', '10.0.0.0/8'], plainHttp: false };
    expect(agents.for(policy)).toBe(agents.for({ ...policy, allow: policy.allow.toReversed() }));
    expect(agents.for(policy)).not.toBe(agents.for({ ...policy, plainHttp: true }));
    expect(agents.for(policy)).not.toBe(agents.for({ ...policy, allow: ['a.test'] }));
    expect(agents.for(policy)).not.toBe(agents.for(nothing));
  });

  test('do not lend each other connections: what one policy keeps open another cannot use', async () => {
    const { port, paths } = await http();
    const agents = pool();
    const url = `http://receiver.test:${port}/`;
    expect(await post(url, agents.for(loopback))).toMatchObject(delivered);
    expect(await post(url, agents.for({ ...loopback, allow: [] }))).toMatchObject(blocked);
    expect(await post(url, agents.for(loopback))).toMatchObject(delivered);
    expect(paths).toHaveLength(2);
  });
});
