import { describe, expect, test } from 'vitest';

import { handshakeResult, handshakeHeaders } from './handshake.ts';

const request = { origin: 'casewire.example', ratePerSecond: 2 };

describe('the request', () => {
  test('contains the origin and the requested rate per minute', () => {
    expect(handshakeHeaders(request)).toEqual({
      'webhook-request-origin': 'casewire.example',
      'webhook-request-rate': '120',
    });
  });

  test('requests no rate where the endpoint has no limit', () => {
    expect(handshakeHeaders({ ...request, ratePerSecond: null })).toEqual({
      'webhook-request-origin': 'casewire.example',
    });
  });

  test.each([
    [0.001, '1'],
    [0.51, '30'],
  ])('asks for %d per second as %s per minute: whole and above zero', (ratePerSecond, rate) => {
    expect(handshakeHeaders({ ...request, ratePerSecond })['webhook-request-rate']).toBe(rate);
  });

  test.each(['', 'a b', 'https://casewire.example', 'casewire.example\r\nx: y', '-a.example'])(
    'the origin %j is refused',
    (origin) => {
      expect(() => handshakeHeaders({ ...request, origin })).toThrow(RangeError);
    },
  );

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'the rate %d is refused',
    (ratePerSecond) => {
      expect(() => handshakeHeaders({ ...request, ratePerSecond })).toThrow(RangeError);
    },
  );
});

describe('the response', () => {
  test.each([
    ['the origin and a rate', { origin: 'casewire.example', rate: '90' }, 1.5],
    ['any origin and any rate', { origin: '*', rate: '*' }, null],
    ['the origin in another case', { origin: ' Casewire.EXAMPLE ', rate: '60' }, 1],
    ['a higher rate than requested', { origin: '*', rate: '6000' }, 100],
    ['no rate, which allows the requested rate,', { origin: '*', rate: undefined }, 2],
  ])('%s is consent', (_, { origin, rate }, ratePerSecond) => {
    expect(
      handshakeResult(request, { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': rate }),
    ).toEqual({ granted: true, ratePerSecond });
  });

  test.each([
    ['no header', {}, 'ORIGIN_MISSING'],
    ['only a rate', { 'webhook-allowed-rate': '*' }, 'ORIGIN_MISSING'],
    ['an empty origin', { 'webhook-allowed-origin': ' ' }, 'ORIGIN_MISSING'],
    ['two origins', { 'webhook-allowed-origin': ['*', 'casewire.example'] }, 'ORIGIN_MISSING'],
    ['another origin', { 'webhook-allowed-origin': 'other.example' }, 'ORIGIN_NOT_ALLOWED'],
    ['a wildcard', { 'webhook-allowed-origin': '*.example' }, 'ORIGIN_NOT_ALLOWED'],
    ...['0', '-1', '1.5', 'many', '', '1e3'].map(
      (rate) =>
        [
          `the rate "${rate}"`,
          { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': rate },
          'RATE_INVALID',
        ] as const,
    ),
  ] as const)('%s is no consent', (_, headers, reason) => {
    expect(handshakeResult(request, headers as Record<string, string>)).toEqual({
      granted: false,
      reason,
    });
  });
});
