import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

// ApiVersions v0 (Kafka protocol guide): length, api key 18, version 0, correlation id 1, no client id.
const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** Resolves when a Kafka broker on this port of loopback answers a request; knocks every 50 ms for up to a minute. */
export async function answersRequests(port: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.write(apiVersions);
      await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    } finally {
      socket.destroy();
    }
  }
}
