import { expect, test } from 'vitest';

import { checkCallableUrl } from './callable-url.ts';

test.each([
  ['http://example.com/', 'must be https'],
  ['https://user:pass@example.com/', 'must not hold credentials'],
  ['https://example.com/#x', 'must not have a fragment'],
])('TE-3 the URL %s is refused: %s', (url, rule) => {
  expect(() => checkCallableUrl('url', url, { plainHttp: false })).toThrow(
    expect.objectContaining({ errors: [{ field: 'url', rule }] }),
  );
});

test('plain HTTP is for organizations that an operator allowed it', () => {
  expect(() => checkCallableUrl('url', 'http://127.0.0.1:80/', { plainHttp: true })).not.toThrow();
});
