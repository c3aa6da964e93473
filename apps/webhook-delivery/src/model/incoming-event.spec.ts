import type { EventType } from '@casewire/contracts';
import { describe, expect, test } from 'vitest';

import { incomingEvent } from '../../test/events.ts';
import { laneKeyOf } from './incoming-event.ts';

describe('the lane of an event', () => {
  const lane = (ordering: EventType['ordering'], over = {}) =>
    laneKeyOf(
      incomingEvent({ key: 'case-1', feature: 'extraction', ...over, eventType: { ordering } }),
    );

  test('is its key and feature, its key, its key and type, or its own, as its type says', () => {
    expect(lane('key+feature')).toEqual({ key: 'case-1', feature: 'extraction' });
    expect(lane('key+feature', { feature: null })).toEqual({ key: 'case-1', feature: '' });
    expect(lane('key')).toEqual({ key: 'case-1', feature: '' });
    expect(lane('key+type')).toEqual({ key: 'case-1', feature: 'type:thing.happened' });
    const id = '7b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';
    expect(lane('none', { id })).toEqual({ key: `event:${id}`, feature: '' });
  });

  test('is its own without a key, whatever the type says', () => {
    const id = '7b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';
    for (const ordering of ['key', 'key+feature', 'key+type', 'none'] as const)
      expect(lane(ordering, { key: null, id })).toEqual({ key: `event:${id}`, feature: '' });
  });
});
