import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Sends bytes to a server unchanged, and resolves to all bytes that it sends until it closes the connection.
 * @param quietMs if the server keeps the connection open, its response is complete after this time without data, in milliseconds
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
  // A server may reset the connection: the bytes before that are its response.
  socket.on('error', () => undefined);
  let response = '';
  socket.on('data', (chunk: Buffer) => (response += chunk.toString('latin1')));
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  return response;
}
