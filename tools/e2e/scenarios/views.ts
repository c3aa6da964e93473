import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { document, namesOf, untilCompleted, type TestPlatform } from '../test-platform.ts';

/** What needs a hand inside the delivery service: only where it runs in this process. */
export function viewScenarios(platform: () => TestPlatform): void {
  test('an endpoint that was created before a case gets its events, however far behind delivery’s view is', async () => {
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
