import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Sends bytes to a server as they are, and resolves to all that it answers until it closes the connection.
 * @param quietMs how long a server that keeps the connection open has to be quiet to have answered
 */
export async function rawRequest(
  url: string,
  bytes: string | Buffer,
  quietMs = 300,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.setTimeout(quietMs, () => socket.destroy());
  // A server may reset the connection: what it said before that counts.
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  return answer;
}
