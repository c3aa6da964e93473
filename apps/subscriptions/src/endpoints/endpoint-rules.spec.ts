import { expect, test } from 'vitest';

import { checkAudience, checkCount } from './endpoint-rules.ts';

test('TW-19 the eleventh endpoint is refused', () => {
  expect(() => checkCount(9)).not.toThrow();
  expect(() => checkCount(10)).toThrow(expect.objectContaining({ code: 'TOO_MANY_ENDPOINTS' }));
});

test('TE-4 an audience that the organization does not have is refused', () => {
  expect(() => checkAudience('internal', { audiences: ['partner'] })).toThrow(
    expect.objectContaining({ code: 'AUDIENCE_NOT_PROVISIONED' }),
  );
  expect(() => checkAudience('partner', { audiences: ['partner'] })).not.toThrow();
});
