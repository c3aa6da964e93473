import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { afterEach, describe, expect, test } from 'vitest';

import {
  blocked,
  delivered,
  EgressEnvironment,
  loopback,
  portOf,
  post,
  to,
} from '../../../test/egress-environment.ts';

const environment = new EgressEnvironment();
afterEach(() => environment.close());

describe('with permissions', () => {
  test('an allowed block is reached on any port, other addresses are not', async () => {
    const { port } = await environment.http();
    const narrow = { allow: ['127.0.0.1/32'], plainHttp: true };
    expect(await post(`http://127.0.0.1:${port}/`, environment.agent(narrow))).toMatchObject(
      delivered,
    );
    expect(await post(`http://127.0.0.2:${port}/`, environment.agent(narrow))).toMatchObject(
      blocked,
    );
    const named = environment.agent(narrow, to('127.0.0.1', '127.0.0.2'));
    expect(await post(`http://receiver.test:${port}/`, named)).toMatchObject(blocked);
  });

  test('an allowed host is reached at any address, another host at the same address is not', async () => {
    const { port } = await environment.http();
    const guard = environment.agent({ allow: ['receiver.test'], plainHttp: true }, to('127.0.0.1'));
    expect(await post(`http://receiver.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://RECEIVER.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://other.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://sub.receiver.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://127.0.0.1:${port}/`, guard)).toMatchObject(blocked);
  });

  test('localhost can be an allowed host', async () => {
    const { port } = await environment.http();
    const guard = environment.agent({ allow: ['localhost'], plainHttp: true });
    expect(await post(`http://localhost:${port}/`, guard)).toMatchObject(delivered);
  });

  test('plain HTTP requires its own permission, and applies only to allowed hosts and blocks', async () => {
    const { port, connections } = await environment.http();
    const secure = environment.agent({ allow: ['127.0.0.0/8'], plainHttp: false });
    expect((await post(`http://127.0.0.1:${port}/`, secure)).error).toContain('not https');
    const plain = environment.agent({ allow: [], plainHttp: true }, to('93.184.216.34'));
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
  ])(
    'TE-25 a redirect is not followed, wherever it points to: %i to %s',
    async (status, location) => {
      const paths: string[] = [];
      const server = createHttpServer((request, response) => {
        paths.push(request.url!);
        response.writeHead(status, { location }).end();
      });
      const port = portOf(await environment.listening(server));
      const answer = await post(`http://127.0.0.1:${port}/hook`, environment.agent(loopback));
      expect(answer).toMatchObject({ status, error: null });
      expect(paths).toEqual(['/hook']);
    },
  );
});

describe('a name whose address changes', () => {
  test('is connected to at the checked address, and checked again for the next connection', async () => {
    const { server, port, connections } = await environment.http();
    const addresses = [['127.0.0.1'], ['10.0.0.1']];
    let resolved = 0;
    const guard = environment.agent(loopback, async () => addresses[resolved++] ?? []);
    const url = `http://receiver.test:${port}/`;
    expect(await post(url, guard)).toMatchObject(delivered);
    // The connection is free one turn after its response.
    await setImmediate();
    expect(await post(url, guard)).toMatchObject(delivered);
    expect([resolved, connections.length]).toEqual([1, 1]);
    server.closeAllConnections();
    expect(await post(url, guard)).toMatchObject({ status: null });
    expect(await post(url, guard)).toMatchObject({ status: null });
    expect(connections).toHaveLength(1);
  });

  test('is refused if the peer is not the checked address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'casewire-egress-'));
    environment.onClose(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'elsewhere');
    const paths: string[] = [];
    await environment.listening(
      createHttpServer((request, response) => {
        paths.push(request.url!);
        response.end();
      }),
      socketPath,
    );
    const guard = environment.agent(loopback, to('127.0.0.1'), { socketPath });
    expect((await post('http://receiver.test/', guard)).error).toContain('peer');
    expect(paths).toEqual([]);
  });
});
