import { between, pick, type Random } from '@casewire/samples';

import type { OperationExample } from '../operation-examples.ts';
import { bytesOfForm, formMutations, formOf } from './form-mutations.ts';
import type { RawRequest } from './raw-request.ts';

export interface Target {
  /** The port of the gateway. */
  port: number;
  key: string;
  /** host:port of the receiver of deliveries. */
  receiver: string;
  /** A small document. */
  document: Buffer;
  /** Requests that the platform accepts; those that write are accepted once. */
  examples: readonly OperationExample[];
}

type Base = (target: Target, random: Random) => { name: string; request: RawRequest };

const plain = (
  { port, key }: Target,
  method: string,
  path: string,
  headers: [string, string][] = [],
  body: Buffer = Buffer.alloc(0),
): RawRequest => ({
  method,
  target: path,
  version: 'HTTP/1.1',
  headers: [['Host', `127.0.0.1:${port}`], ['x-api-key', key], ['Connection', 'close'], ...headers],
  body,
  framing: 'length',
  trailers: [],
  sent: {},
});

const json = (target: Target, method: string, path: string, body: object) =>
  plain(
    target,
    method,
    path,
    [['Content-Type', 'application/json']],
    Buffer.from(JSON.stringify(body)),
  );

function upload(target: Target, random: Random): ReturnType<Base> {
  const form = formOf(target.document);
  const names: string[] = [];
  for (let i = between(random, 0, 2); i > 0; i--) {
    const name = pick(random, Object.keys(formMutations));
    formMutations[name]!(form, random);
    names.push(name);
  }
  const type = `multipart/form-data; boundary=${form.boundary}`;
  const body = bytesOfForm(form);
  return {
    name: ['an upload', ...names].join(', '),
    request: plain(target, 'POST', '/partner/v1/cases', [['Content-Type', type]], body),
  };
}

const simple: Record<string, (target: Target) => RawRequest> = {
  'the home page': (target) => plain(target, 'GET', '/'),
  'a list of cases': (target) => plain(target, 'GET', '/partner/v1/cases?limit=1'),
  'an OpenAPI document': (target) => plain(target, 'GET', '/registry/v1/openapi.json'),
  'a page': (target) => plain(target, 'GET', '/catalog/v1/docs'),
  'an event type': (target) => plain(target, 'GET', '/catalog/v1/event-types/case.completed/1'),
  'a new endpoint': (target) =>
    json(target, 'POST', '/registry/v1/endpoints', {
      url: `http://${target.receiver}/hook`,
      headers: { 'X-A': 'b' },
    }),
  'a replay': (target) =>
    json(target, 'POST', '/delivery/v1/replays', { kind: 'delivery', deliveryId: '1' }),
  'a case to delete': (target) =>
    plain(target, 'DELETE', '/partner/v1/cases/00000000-0000-4000-8000-000000000000'),
};

function example(target: Target, random: Random): ReturnType<Base> {
  const { operation, path, body } = pick(random, target.examples);
  const [method, template] = operation.split(' ') as [string, string];
  const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(path[name]));
  return {
    name: operation,
    request:
      body === undefined
        ? plain(target, method, url)
        : json(target, method, url, body as Record<string, unknown>),
  };
}

/**
 * A valid request, which is then mutated; nearly half of the requests are uploads, whose forms may be mutated already, and a
 * quarter concerns cases and reviews.
 */
export const baseRequest: Base = (target, random) => {
  const what = random();
  if (what < 0.45) return upload(target, random);
  if (what < 0.7 && target.examples.length > 0) return example(target, random);
  const name = pick(random, Object.keys(simple));
  return { name, request: simple[name]!(target) };
};
