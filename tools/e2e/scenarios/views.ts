import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { document, namesOf, untilCompleted, type TestPlatform } from '../test-platform.ts';

/** Scenarios that delay a view of the delivery service: it must run in the process of the test. */
export function viewScenarios(platform: () => TestPlatform): void {
  test('an endpoint that was created before a case gets its events, however late the view of the delivery service is', async () => {
    const partner = await platform().partner();
    const release = platform().services.delivery.views.endpoints.pause();
    try {
      const listener = await partner.listen();
      const view = await partner.client.submit({
        files: [await document('invoice')],
        features: ['extraction'],
      });
      await expect
        .poll(async () => (await partner.client.case(view.id)).status, { timeout: 20_000 })
        .toBe('completed');
      await delay(200);
      expect(listener.receiver.requests).toEqual([]);
      release();
      await untilCompleted(listener, view);
      expect(namesOf(listener.receiver.requests)).toContain('case.submitted');
    } finally {
      release();
    }
  });
}
