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

const world = new EgressEnvironment();
afterEach(() => world.close());

describe('with permissions', () => {
  test('a block is reached on any port, what is beside it is not', async () => {
    const { port } = await world.http();
    const narrow = { allow: ['127.0.0.1/32'], plainHttp: true };
    expect(await post(`http://127.0.0.1:${port}/`, world.agent(narrow))).toMatchObject(delivered);
    expect(await post(`http://127.0.0.2:${port}/`, world.agent(narrow))).toMatchObject(blocked);
    const named = world.agent(narrow, to('127.0.0.1', '127.0.0.2'));
    expect(await post(`http://receiver.test:${port}/`, named)).toMatchObject(blocked);
  });

  test('a host is reached by its name wherever it is, and no other by the same address', async () => {
    const { port } = await world.http();
    const guard = world.agent({ allow: ['receiver.test'], plainHttp: true }, to('127.0.0.1'));
    expect(await post(`http://receiver.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://RECEIVER.test:${port}/`, guard)).toMatchObject(delivered);
    expect(await post(`http://other.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://sub.receiver.test:${port}/`, guard)).toMatchObject(blocked);
    expect(await post(`http://127.0.0.1:${port}/`, guard)).toMatchObject(blocked);
  });

  test('localhost is one of them where an operator says so', async () => {
    const { port } = await world.http();
    const guard = world.agent({ allow: ['localhost'], plainHttp: true });
    expect(await post(`http://localhost:${port}/`, guard)).toMatchObject(delivered);
  });

  test('plain HTTP needs a permission of its own, and is for permitted places alone', async () => {
    const { port, connections } = await world.http();
    const secure = world.agent({ allow: ['127.0.0.0/8'], plainHttp: false });
    expect((await post(`http://127.0.0.1:${port}/`, secure)).error).toContain('not https');
    const plain = world.agent({ allow: [], plainHttp: true }, to('93.184.216.34'));
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
    const port = portOf(await world.listening(server));
    const answer = await post(`http://127.0.0.1:${port}/hook`, world.agent(loopback));
    expect(answer).toMatchObject({ status, error: null });
    expect(paths).toEqual(['/hook']);
  });
});

describe('a name whose address changes', () => {
  test('is connected to at the address that was checked, and checked again for the next connection', async () => {
    const { server, port, connections } = await world.http();
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    let asked = 0;
    const guard = world.agent(loopback, async () => answers[asked++] ?? []);
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
    world.until(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'elsewhere');
    const paths: string[] = [];
    await world.listening(
      createHttpServer((request, response) => {
        paths.push(request.url!);
        response.end();
      }),
      socketPath,
    );
    const guard = world.agent(loopback, to('127.0.0.1'), { socketPath });
    expect((await post('http://receiver.test/', guard)).error).toContain('peer');
    expect(paths).toEqual([]);
  });
});
