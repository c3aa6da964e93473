import { ApiError } from '@casewire/client';
import { expect } from 'vitest';

/** The schema of a type at version 1. */
export const schema = {
  type: 'object',
  properties: {
    account: { type: 'string', minLength: 1 },
    cents: { type: 'integer', minimum: 0 },
  },
  required: ['account', 'cents'],
  additionalProperties: false,
};
/** A request that registers a type. */
export const type = (name: string, more: object = {}) => ({
  name,
  category: 'Ledger',
  trigger: 'An amount was booked',
  schema,
  sample: { account: 'a-1', cents: 250 },
  ...more,
});
/** A request that registers version 2, with breaking changes and a down-conversion. */
export const next = {
  schema: {
    type: 'object',
    properties: {
      account: { type: 'string', minLength: 1 },
      amount: { type: 'number', minimum: 0 },
    },
    required: ['account', 'amount'],
    additionalProperties: false,
  },
  sample: { account: 'a-1', amount: 2.5 },
  downConversion: '{"account": account, "cents": $round(amount * 100)}',
};

let serial = 0;
/** A name that no other test uses. */
export const fresh = () => `ledger.Booked-${++serial}`;

/** The problem in the response to a refused request. */
export async function apiError(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ApiError)) throw error ?? new Error('the request was not refused');
  return { status: error.status, code: error.problem?.code, errors: error.problem?.errors ?? [] };
}
/** A field error whose rule contains a text. */
export const field = (name: string, rule: string) => ({
  field: name,
  rule: expect.stringContaining(rule),
});
