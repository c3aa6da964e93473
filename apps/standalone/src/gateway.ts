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

/** Path prefix -> base URL of the service that answers there. */
export type Routes = Readonly<Record<string, string>>;

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

// No service has these; which of all others a path has is the service's answer.
const neverForwarded = ['CONNECT', 'QUERY', 'TRACE'];
const forwarded = METHODS.filter((method) => !neverForwarded.includes(method));
const common = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const withoutBody = new Set(['GET', 'HEAD']);

/**
 * Puts all services on one origin: each request is forwarded to the service that owns its path, by @fastify/reply-from.
 * @param routes looked up anew for each request
 * @param port to listen on; 0 takes a free one
 * @param home the text that `/` answers
 * @param host the address to listen on
 * @throws the system's error where the port cannot be listened on
 */
export async function startGateway(
  routes: Routes,
  port: number,
  home: () => string = homePage,
  host = '127.0.0.1',
): Promise<Gateway> {
  const answers = new WeakMap<Socket, ServerResponse>();
  const server = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    rewriteUrl: ({ url }) => originForm(url ?? '/'),
    frameworkErrors: refuse,
    // A body is passed on as it comes; the services have limits of their own.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    clientErrorHandler(error, socket) {
      // A second answer to one request would be taken for the answer to the next one.
      if (!socket.writable || isBeingAnswered(answers.get(socket)))
        return void socket.destroy(error);
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      const { body } = problem(status, 'BAD_REQUEST', 'the request is not valid HTTP');
      socket.write(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      // Also where the client keeps its side open: with the connection ends what it was about.
      socket.destroySoon();
    },
  });
  server.server.prependListener('request', ({ socket }, answer) => answers.set(socket, answer));
  acceptAnyBody(server);
  await server.register(replyFrom, { disableRequestLogging: true, destroyAgent: true });
  server.setErrorHandler(refuse);
  server.addHook('onRequest', (request, reply, next) => {
    const fault = refusalOf(request);
    if (!fault) return next();
    void reply.headers(fault.headers);
    void send(reply, fault.status, fault.code, fault.detail);
  });
  server.setNotFoundHandler((_, reply) => send(reply, 404, 'NOT_FOUND', 'there is no such path'));
  server.get('/', (_, reply) => reply.type('text/plain; charset=utf-8').send(home()));
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
  const { port: taken } = server.server.address() as AddressInfo;
  // What listens on every address is reached on this machine's own.
  const reachable = isAnyAddress(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return { url: `http://${reachable}:${taken}`, stop: () => server.close() };
}

/** What is wrong with a request, whatever its path. */
function refusalOf({ method, raw }: FastifyRequest) {
  if (neverForwarded.includes(method)) {
    const headers = { allow: common.join(', ') };
    return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `${method} is not allowed`, headers };
  }
  // Which of them is meant differs from server to server (RFC 9112, 3.2).
  if ((raw.headersDistinct.host ?? []).length > 1) {
    const detail = 'there is more than one Host header';
    return { status: 400, code: 'BAD_REQUEST', detail, headers: {} };
  }
  return null;
}

/** Whether an answer has begun while its request is still coming. */
const isBeingAnswered = (answer: ServerResponse | undefined): boolean =>
  answer !== undefined && answer.headersSent && !answer.req.complete;

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
      // The body of such a request has no meaning (RFC 9110, 9.3.1) and is not passed on.
      if (withoutBody.has(request.method)) delete kept['content-length'];
      return kept;
    },
    rewriteHeaders: (headers) => forwardable(headers, headers.connection),
    onResponse: (_, answer, response) => {
      // The library closes a connection whose body is still coming, and the client may then lose the answer. Node reads
      // the rest of the body, and the connection stays.
      (answer as FastifyReply).removeHeader('connection');
      answer.send((response as unknown as { stream: Readable }).stream);
    },
    // Whether a request is sent again is the client's decision.
    retryDelay: () => null,
    onError: (_, { error }) => refuse(error, request, reply),
  });
}

/** Bodies of every type, or of none, are streams that nobody has parsed. */
function acceptAnyBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_, payload, done) => {
    // A service may answer before it has read everything. Its connection is then closed, and with it the stream that was
    // read from; the client's own connection has to stay, for the answer.
    const body = new PassThrough();
    payload.once('error', (error) => body.destroy(error));
    payload.once('aborted', () => body.destroy(new Error('the client closed the connection')));
    body.once('close', () => payload.unpipe(body).resume());
    body.on('error', () => undefined);
    done(null, payload.pipe(body));
  });
}

/** The path and query of a request target: one in absolute form (RFC 9112, 3.2.2) names a server as well. */
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
  if (status >= 500) return send(reply, 502, 'SERVICE_UNAVAILABLE', 'the service does not answer');
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
