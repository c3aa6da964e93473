import { expect, test } from 'vitest';

import { subscriptionNamed, withoutName } from './named-subscriptions.ts';

/** A dialect with one name for two types. */
const dialect = { eventNames: new Map([['finished', ['case.completed', 'case.revised']]]) };
const to = (eventType: string, names: string[] | null = null) => ({ eventType, version: 1, names });
const both = [to('case.completed', ['finished']), to('case.revised')];

test('a name of several types that are subscribed to has no version of its own to upgrade', () => {
  expect(() => subscriptionNamed('finished', both, dialect)).toThrow(
    expect.objectContaining({
      status: 409,
      code: 'SUBSCRIPTION_AMBIGUOUS',
      errors: [{ field: 'eventType', rule: 'must be one of case.completed, case.revised' }],
    }),
  );
  expect(subscriptionNamed('finished', both.slice(1), dialect)).toBe(both[1]);
});

test('a name of several types ends all that was subscribed to by it', () => {
  const other = to('case.submitted');
  expect(withoutName('finished', [...both, other], dialect)).toEqual([other]);
});

test('the name of a type means that type, also where the dialect uses it for another', () => {
  const crossed = { eventNames: new Map([['case.revised', ['case.completed']]]) };
  expect(withoutName('case.revised', both, crossed)).toEqual([both[0]]);
});

test('* is ended by its own name only', () => {
  const all = [{ eventType: '*', version: null, names: null }];
  expect(withoutName('*', all, dialect)).toEqual([]);
  expect(() => withoutName('finished', all, dialect)).toThrow(
    expect.objectContaining({ status: 404 }),
  );
});
