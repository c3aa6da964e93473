import { refusedHosts } from '@casewire/egress/testing';
import { expect, test } from 'vitest';

import { checkCallableUrl } from './callable-url.ts';

const nothing = { allow: [], plainHttp: false };
const loopback = { allow: ['127.0.0.0/8'], plainHttp: true };

test.each([
  ['http://example.com/', 'must be https'],
  ['https://user:pass@example.com/', 'must not hold credentials'],
  ['https://example.com/#x', 'must not have a fragment'],
  ['https://example.com:22/', 'must be on port 443, unless egress.allow has its host or address'],
])('TE-3 the URL %s is refused: %s', (url, rule) => {
  expect(() => checkCallableUrl('url', url, nothing)).toThrow(
    expect.objectContaining({ status: 400, errors: [{ field: 'url', rule }] }),
  );
});

test.each(['h\ufffdok', 'höok', 'a|b', '{id}', 'a b', '%zz', '%'])(
  'a URL with %j, which is no URI, is refused; percent-encoded it is accepted',
  (path) => {
    const check = (url: string) => () => checkCallableUrl('url', url, nothing);
    expect(check(`https://example.com/${path}`)).toThrow(
      expect.objectContaining({
        status: 400,
        errors: [{ field: 'url', rule: expect.stringContaining('RFC 3986') }],
      }),
    );
    expect(check(`https://example.com/${encodeURIComponent(path)}?q=1&r=[2]`)).not.toThrow();
  },
);

test('plain HTTP and other ports are accepted only for hosts that an operator allowed', () => {
  for (const url of ['http://127.0.0.1:80/', 'https://127.0.0.1:9000/', 'http://a.internal:1/'])
    expect(() => checkCallableUrl('url', url, loopback)).not.toThrow();
  expect(() => checkCallableUrl('url', 'https://example.com/', nothing)).not.toThrow();
});

test.each(refusedHosts)('a URL with host %s is refused with the name of its field', (host) => {
  for (const scheme of ['https', 'http'])
    expect(() =>
      checkCallableUrl('callbackUrl', `${scheme}://${host}/`, { ...nothing, plainHttp: true }),
    ).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        errors: [{ field: 'callbackUrl', rule: expect.stringMatching(/^must not /) }],
      }),
    );
});
