import { expect, test } from 'vitest';

import { caseOf, EventSource } from './events.ts';

test('a body has about the length that was asked for, whatever the number of the event', () => {
  const source = new EventSource(1000);
  for (let n = 0; n < 3; n++) {
    const { value } = source.next('organization', caseOf(n));
    const body = `{"eventName":"case.completed","payload":${String(value)}}`;
    expect(Math.abs(body.length - 1000)).toBeLessThan(10);
  }
});

test('two events of a case have different ids', () => {
  const source = new EventSource(0);
  const ids = [1, 2].map(() => source.next('organization', caseOf(1)).headers?.ce_id);
  expect(new Set(ids).size).toBe(2);
});
