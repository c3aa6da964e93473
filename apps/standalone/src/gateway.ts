import { randomUUID } from 'node:crypto';
import { METHODS, STATUS_CODES, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';

import replyFrom from '@fastify/reply-from';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';

import { homePage } from './home-page.ts';
import { forwardable } from './hop-by-hop.ts';

/** Path prefix -> base URL of the service with these paths. */
export type Routes = Readonly<Record<string, string>>;

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

// No service has these methods. For all others the service decides which of them a path has.
const neverForwarded = ['CONNECT', 'QUERY', 'TRACE'];
const forwarded = METHODS.filter((method) => !neverForwarded.includes(method));
const common = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const withoutBody = new Set(['GET', 'HEAD']);

/**
 * Serves all services on one origin: @fastify/reply-from forwards each request to the service that its path belongs to.
 * @param routes read again for each request
 * @param port the port to listen on; 0 takes a free one
 * @param pageText returns the text of the page at `/`
 * @param host the address to listen on
 * @throws the error of the operating system if the port is not available
 */
export async function startGateway(
  routes: Routes,
  port: number,
  pageText: () => string = homePage,
  host = '127.0.0.1',
): Promise<Gateway> {
  const responses = new WeakMap<Socket, ServerResponse>();
  const server = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    rewriteUrl: ({ url }) => originForm(url ?? '/'),
    frameworkErrors: refuse,
    // Bodies are streamed; the services have their own limits.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    clientErrorHandler(error, socket) {
      // A client would take a second response to one request for the response to the next one.
      if (!socket.writable || hasStartedResponse(responses.get(socket)))
        return void socket.destroy(error);
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      const { body } = problem(status, 'BAD_REQUEST', 'the request is not valid HTTP');
      socket.write(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      // Also if the client keeps its side open: closing the connection aborts the request to the service.
      socket.destroySoon();
    },
  });
  server.server.prependListener('request', ({ socket }, response) =>
    responses.set(socket, response),
  );
  acceptAnyBody(server);
  await server.register(replyFrom, { disableRequestLogging: true, destroyAgent: true });
  server.setErrorHandler(refuse);
  server.addHook('onRequest', (request, reply, next) => {
    const fault = faultOf(request);
    if (!fault) return next();
    void reply.headers(fault.headers);
    void send(reply, fault.status, fault.code, fault.detail);
  });
  server.setNotFoundHandler((_, reply) => send(reply, 404, 'NOT_FOUND', 'there is no such path'));
  server.get('/', (_, reply) => reply.type('text/plain; charset=utf-8').send(pageText()));
  const unknown = forwarded.filter((method) => !server.supportedMethods.includes(method));
  for (const method of unknown) server.addHttpMethod(method, { hasBody: true });
  server.route({
    method: forwarded,
    url: '/*',
    handler(request, reply) {
      const [path = '/'] = request.url.split('?');
      const prefix = Object.keys(routes).find((one) => path === one || path.startsWith(`${one}/`));
      if (prefix === undefined) return reply.callNotFound();
      return forward(routes[prefix]!, path, request, reply);
    },
  });
  await server.listen({ port, host });
  const { port: actualPort } = server.server.address() as AddressInfo;
  // A server that listens on all addresses is reachable at the loopback address.
  const reachable = isAnyAddress(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return { url: `http://${reachable}:${actualPort}`, stop: () => server.close() };
}

/** The error response to a request that is refused whatever its path is; null if there is none. */
function faultOf({ method, raw }: FastifyRequest) {
  if (neverForwarded.includes(method)) {
    const headers = { allow: common.join(', ') };
    return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `${method} is not allowed`, headers };
  }
  // Servers differ in which of several Host headers they use (RFC 9112, 3.2).
  if ((raw.headersDistinct.host ?? []).length > 1) {
    const detail = 'there is more than one Host header';
    return { status: 400, code: 'BAD_REQUEST', detail, headers: {} };
  }
  return null;
}

/** Whether a response has started before its request was received completely. */
const hasStartedResponse = (response: ServerResponse | undefined): boolean =>
  response !== undefined && response.headersSent && !response.req.complete;

const isAnyAddress = (host: string) => host === '0.0.0.0' || host === '::';

function forward(
  base: string,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const received = request.raw.headers;
  return reply.from(path, {
    getUpstream: () => base,
    rewriteRequestHeaders: (_, headers) => {
      const kept = forwardable(headers, received.connection);
      kept.host = received.host ?? headers.host;
      // The body of such a request has no meaning (RFC 9110, 9.3.1) and is not forwarded.
      if (withoutBody.has(request.method)) delete kept['content-length'];
      return kept;
    },
    rewriteHeaders: (headers) => forwardable(headers, headers.connection),
    onResponse: (_, clientReply, response) => {
      // The library closes the connection if the body is not received completely, and the client may then lose the response. Without
      // the header Node reads the rest of the body and keeps the connection.
      (clientReply as FastifyReply).removeHeader('connection');
      clientReply.send((response as unknown as { stream: Readable }).stream);
    },
    // The client decides whether a request is retried.
    retryDelay: () => null,
    onError: (_, { error }) => refuse(error, request, reply),
  });
}

/** Bodies of all content types, and of none, are unparsed streams. */
function acceptAnyBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_, payload, done) => {
    // A service may respond before it has read the whole body. Its connection is then closed, and the stream with it. The separate
    // stream keeps the connection of the client open for the response.
    const body = new PassThrough();
    payload.once('error', (error) => body.destroy(error));
    payload.once('aborted', () => body.destroy(new Error('the client closed the connection')));
    body.once('close', () => payload.unpipe(body).resume());
    body.on('error', () => undefined);
    done(null, payload.pipe(body));
  });
}

/** The path and query of a request target. A target in absolute form (RFC 9112, 3.2.2) also has scheme and host. */
function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(target);
  if (!absolute) return target;
  return absolute[1]!.startsWith('/') ? absolute[1]! : `/${absolute[1]}`;
}

function refuse(
  error: Partial<FastifyError>,
  _: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error instanceof URIError ? 400 : (error.statusCode ?? 502);
  if (status >= 500) return send(reply, 502, 'SERVICE_UNAVAILABLE', 'the service does not respond');
  return send(reply, status, 'BAD_REQUEST', 'the gateway cannot forward this request');
}

function send(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  const { id, body } = problem(status, code, detail);
  return reply
    .code(status)
    .headers({ 'content-type': 'application/problem+json', 'x-request-id': id })
    .send(body);
}

function problem(status: number, code: string, detail: string): { id: string; body: string } {
  const id = randomUUID();
  const type = `urn:casewire:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  const title = STATUS_CODES[status];
  return { id, body: JSON.stringify({ type, title, status, code, detail, requestId: id }) };
}
