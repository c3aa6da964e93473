import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import SwaggerParser from '@apidevtools/swagger-parser';
import { SubmitCase } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  apiDocumentNames,
  apiDocuments,
  fileText,
  readApiDocument,
} from '../generate/api-documents.ts';
import { TestPlatform } from './test-platform.ts';

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Record<string, unknown>;
}

interface Operation {
  operationId: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown>; encoding?: object }> };
  responses: Record<
    string,
    {
      description: string;
      headers?: Record<string, object>;
      content?: Record<string, { schema: object }>;
    }
  >;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, object> }> };
}

interface Route extends Operation {
  name: string;
  path: string;
  method: string;
}

const apis = [
  '/partner/v1',
  '/orders/v1',
  '/registry/v1',
  '/admin/v1',
  '/catalog/v1',
  '/delivery/v1',
];

let platform: TestPlatform;
const documents = new Map<string, Document>();
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  for (const api of apis) {
    const response = await fetch(`${platform.url}${api}/openapi.json`);
    documents.set(api, (await response.json()) as Document);
  }
});
afterAll(() => platform.stop());

const routesOf = (api: string): Route[] =>
  Object.entries(documents.get(api)!.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      name: `${method} ${path}`,
      path,
      method,
    })),
  );
const route = (api: string, name: string) => routesOf(api).find((one) => one.name === name)!;
const names = (routes: Route[]) => routes.map(({ name }) => name);
const without = (routes: Route[], status: string) =>
  names(routes.filter(({ responses }) => !(status in responses)));

describe.each(apis)('the OpenAPI document of %s', (api) => {
  test('is valid, and has only the routes of the service', async () => {
    const document = documents.get(api)!;
    expect(document.openapi).toBe('3.1.0');
    await SwaggerParser.validate(structuredClone(document) as never);
    const paths = Object.keys(document.paths);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !path.startsWith(`${api}/`))).toEqual([]);
    const ids = routesOf(api).map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('documents the problems that each route can respond with', () => {
    const routes = routesOf(api);
    const withKey = routes.filter(({ security = [] }) => security.length > 0);
    expect(names(withKey)).toEqual(names(routes));
    expect(without(routes, '400')).toEqual([]);
    expect(without(withKey, '401')).toEqual([]);
    expect(without(routes, '503')).toEqual([]);
    const withPathParameter = routes.filter(({ path }) => path.includes('{'));
    expect(without(withPathParameter, '404')).toEqual([]);
    const withBody = routes.filter(({ requestBody }) => requestBody);
    expect(without(withBody, '413')).toEqual([]);
    expect(without(withBody, '415')).toEqual([]);
    const ofTenants = routes.filter(({ path }) => !path.startsWith('/admin/'));
    expect(without(ofTenants, '403')).toEqual([]);
    const withIdempotency = routes.filter(({ parameters = [] }) =>
      parameters.some(({ name }) => /^idempotency-key$/i.test(name)),
    );
    expect(without(withIdempotency, '422')).toEqual([]);
  });

  test('describes every problem as problem+json with the schema Problem', () => {
    expect(documents.get(api)!.components.schemas.Problem?.properties).toHaveProperty('requestId');
    const answers = routesOf(api).flatMap(({ name, responses }) =>
      Object.entries(responses).map(([status, answer]) => ({ name, status, ...answer })),
    );
    expect(answers.filter(({ description }) => description === '')).toEqual([]);
    const problems = answers.filter(({ status }) => Number(status) >= 400);
    expect(problems.length).toBeGreaterThan(0);
    const content = {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    };
    expect(problems.map((problem) => problem.content)).toEqual(problems.map(() => content));
    const unavailable = problems.filter(({ status }) => status === '503');
    expect(unavailable.filter(({ headers = {} }) => !('Retry-After' in headers))).toEqual([]);
  });

  test('names each parameter once, with a schema', () => {
    const parameters = routesOf(api).flatMap(({ name, parameters: own = [] }) =>
      own.map((one) => ({ ...one, route: name })),
    );
    const identities = parameters.map((one) => `${one.route} ${one.in} ${one.name}`.toLowerCase());
    expect(new Set(identities).size).toBe(identities.length);
    const ofPath = parameters.filter((one) => one.in === 'path');
    expect(ofPath.filter(({ required }) => !required)).toEqual([]);
    expect(parameters.filter((one) => one.in === 'header' && one.required)).toEqual([]);
    expect(parameters.filter(({ schema }) => !schema.type && !schema.$ref)).toEqual([]);
    const limited = ['format', 'pattern', 'maximum'];
    expect(ofPath.filter(({ schema }) => !limited.some((limit) => limit in schema))).toEqual([]);
  });

  test('describes each successful response', () => {
    const answers = routesOf(api).map(({ name, responses }) => {
      const [status, answer] = Object.entries(responses).find(([one]) => Number(one) < 400)!;
      const contents = Object.values(answer.content ?? {});
      const isDescribed = contents.length > 0 && contents.every(({ schema }) => schema);
      return { name, status, isDescribed };
    });
    expect(answers.filter(({ status, isDescribed }) => (status === '204') === isDescribed)).toEqual(
      [],
    );
  });
});

describe.each(apiDocumentNames)('docs/api/%s', (name) => {
  const kept = readFileSync(join(import.meta.dirname, '../../docs/api', name), 'utf8');

  test('is equal to the served document, as npm run generate writes it', async () => {
    const served = await readApiDocument(platform.url, name);
    expect(kept).toBe(served);
  });

  test('is stale when the served document gains, loses or changes a field', () => {
    const document = JSON.parse(kept) as Record<string, object>;
    expect(fileText(document)).toBe(kept);
    const { info, ...rest } = document;
    for (const other of [
      { ...document, 'x-new': {} },
      rest,
      { ...document, info: { ...info, version: '2' } },
    ])
      expect(fileText(other)).not.toBe(kept);
  });
});

test('docs/api has a document of every API, and nothing else', () => {
  const served = apis.map((api) => `${api}/openapi.json`);
  expect(Object.values(apiDocuments)).toEqual(expect.arrayContaining(served));
  expect(readdirSync(join(import.meta.dirname, '../../docs/api')).toSorted()).toEqual(
    apiDocumentNames,
  );
});

test('a path parameter that must be a UUID is described as one', () => {
  const { parameters = [] } = route('/partner/v1', 'get /partner/v1/cases/{id}');
  expect(parameters).toMatchObject([{ name: 'id', schema: { type: 'string', format: 'uuid' } }]);
});

test('the Idempotency-Key is optional, and is described by its rule', () => {
  const { parameters = [] } = route('/registry/v1', 'post /registry/v1/endpoints');
  expect(parameters).toMatchObject([
    { name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } },
  ]);
  expect(parameters[0]?.schema).toHaveProperty('pattern');
});

test('a submission is described by the schema that checks it', () => {
  const {
    parameters = [],
    requestBody,
    responses,
  } = route('/partner/v1', 'post /partner/v1/cases');
  const { schema, encoding } = requestBody!.content['multipart/form-data']!;
  expect(Object.keys(schema.properties as object).toSorted()).toEqual(
    [...Object.keys(SubmitCase.shape), 'files'].toSorted(),
  );
  expect(schema).toMatchObject({ required: ['files'], additionalProperties: false });
  expect(schema.properties).toMatchObject({
    callbackUrl: { type: 'string', format: 'uri', maxLength: 2048 },
    files: { type: 'array', minItems: 1, maxItems: 20 },
  });
  expect(Object.keys(encoding!).toSorted()).toEqual(['classify', 'features', 'metadata']);
  expect(parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Idempotency-Key', 'x-correlation-id']),
  );
  expect(Object.keys(responses)).toContain('507');
});

test('an e-mail address that no server accepts is refused, as its format requires', async () => {
  const create = (notificationEmail: string) =>
    fetch(`${platform.url}/admin/v1/organizations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${platform.operatorKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Acme', notificationEmail }),
    });
  for (const bad of [
    `${'a'.repeat(65)}@one.example`,
    'a@one-.example',
    `a@${'b'.repeat(64)}.com`,
  ]) {
    expect((await create(bad)).status).toBe(400);
  }
  expect((await create("o'neil+hooks@mail.one-two.example")).status).toBe(201);
});

describe('a method that a path does not have', () => {
  test.each([
    ['PUT', '/partner/v1/cases', 'GET, HEAD, POST'],
    ['OPTIONS', '/delivery/v1/deliveries', 'GET, HEAD'],
    ['POST', '/catalog/v1/event-types/case.completed/1/schemas', 'GET, HEAD'],
    ['DELETE', '/registry/v1/endpoints', 'GET, HEAD, POST'],
    ['PATCH', '/admin/v1/openapi.json', 'GET, HEAD'],
  ])('%s %s is a 405 that names the others', async (method, path, allowed) => {
    const { request } = await import('node:http');
    const { promise, resolve, reject } =
      Promise.withResolvers<import('node:http').IncomingMessage>();
    request(platform.url + path, { method }, resolve)
      .once('error', reject)
      .end();
    const response = await promise;
    response.resume();
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allowed);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test('the gateway and a service itself respond to TRACE with 405', async () => {
    const { request } = await import('node:http');
    for (const origin of [platform.url, platform.services.delivery.url]) {
      const { promise, resolve, reject } =
        Promise.withResolvers<import('node:http').IncomingMessage>();
      request(`${origin}/delivery/v1/deliveries`, { method: 'TRACE' }, resolve)
        .once('error', reject)
        .end();
      const response = await promise;
      response.resume();
      expect(response.statusCode).toBe(405);
      expect(response.headers.allow).toMatch(/^GET, HEAD/);
    }
  });

  test('a path that does not exist is still a 404', async () => {
    expect((await fetch(`${platform.url}/partner/v1/nothing`)).status).toBe(404);
  });
});

test('a body of another media type than JSON is a 415', async () => {
  const { key } = await platform.partner();
  const response = await fetch(`${platform.url}/registry/v1/endpoints`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'text/plain' },
    body: '{"url":"https://one.example/"}',
  });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ code: 'NOT_JSON' });
});
