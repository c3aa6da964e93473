import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { FuzzedCases } from './fuzzed-cases.ts';
import type { FuzzedOrders } from './fuzzed-orders.ts';
import { operationCoverage, type OperationsDocument } from './operation-coverage.ts';
import { operationExamples } from './operation-examples.ts';
import { orderExamples } from './order-examples.ts';

const documentOf = (api: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../docs/api/${api}.json`), 'utf8'),
  ) as OperationsDocument;

const view = { id: 'case', openReviewId: 'review', uploads: [{ id: 'upload' }] };
const cases = new Proxy({} as FuzzedCases, {
  get: (_, name) => (name === 'finding' ? 1 : view),
});
const order = { id: 'order', templateId: 'template', verifications: [{ id: 'verification' }] };
const orders = new Proxy({} as FuzzedOrders, { get: () => order });

test('requests are counted for their operation, and those that it accepted', () => {
  const document = {
    paths: { '/v1/cases': { get: {} }, '/v1/cases/{id}': { get: {}, delete: {} } },
  };
  const exchanged = [
    { method: 'GET', url: 'http://127.0.0.1:1/v1/cases?limit=1', status: 200 },
    { method: 'GET', url: 'http://127.0.0.1:1/v1/cases/a%2Fb', status: 404 },
    { method: 'GET', url: '/v1/cases/7', status: 200 },
    { method: 'GET', url: '/v1/cases/7/results', status: 200 },
    { method: 'POST', url: '/v1/cases/7', status: 200 },
  ];
  expect(operationCoverage(document, exchanged)).toEqual([
    { operation: 'GET /v1/cases', requests: 1, accepted: 1 },
    { operation: 'GET /v1/cases/{id}', requests: 2, accepted: 1 },
    { operation: 'DELETE /v1/cases/{id}', requests: 0, accepted: 0 },
  ]);
});

test.each([
  ['partner', operationExamples(cases)],
  ['orders', orderExamples(orders)],
])(
  'every operation of the %s API that has a parameter in its path has an example',
  (api, examples) => {
    const operations = operationCoverage(documentOf(api), []).map(({ operation }) => operation);
    const given = examples.map(({ operation }) => operation);
    expect(
      operations.filter((operation) => operation.includes('{') && !given.includes(operation)),
    ).toEqual([]);
    expect(given.filter((operation) => !operations.includes(operation))).toEqual([]);
    expect(new Set(given).size).toBe(given.length);
    for (const { operation, path } of examples)
      expect(Object.keys(path)).toEqual(
        [...operation.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
  },
);
