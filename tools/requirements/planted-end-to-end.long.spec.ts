import { afterAll, beforeAll, expect, test } from 'vitest';

import { PlantedCopy } from './planted-copy.ts';

/** A realistic fault for each system, in the code of the product, and what it makes FAILED. */
const faults = [
  {
    system: 'TruEnroll',
    file: 'apps/cases/src/case/case-view.projection.ts',
    right: "when c.action_required then 'action_required'",
    wrong: "when c.action_required then 'processing'",
    failed: ['TE-32'],
  },
  {
    system: 'Truework',
    file: 'apps/orders/src/order/order-state.ts',
    right: "if (every('completed', 'canceled')) return 'completed'",
    wrong: "if (every('completed', 'canceled', 'invalid')) return 'completed'",
    failed: ['TW-5'],
  },
  {
    system: 'TrustGate',
    file: 'libs/webhooks/src/trustgate.dialect.ts',
    right: "auto_created: data.cause !== 'manual'",
    wrong: "auto_created: data.cause === 'manual'",
    failed: ['TG-18'],
  },
  {
    system: 'Truv',
    file: 'libs/webhooks/src/truv.dialect.ts',
    right: 'tracking_info: data.trackingInfo',
    wrong: 'tracking_info: data.taskId',
    failed: ['TV-18'],
  },
  {
    system: 'TrustID',
    file: 'libs/webhooks/src/trustid.dialect.ts',
    right: "'WaitingForReferralCompletion'",
    wrong: "'Waiting'",
    failed: ['TI-6', 'TI-15', 'TI-18'],
  },
];
const proved = 'TE-L3 TG-17 TI-3 TI-5 TI-7 TI-8 TW-2 TW-6 TV-9 TV-14 TV-17 TV-19'.split(' ');

const copy = new PlantedCopy(['apps', 'libs', 'tools'], ['tools/e2e/cause-to-post.e2e.spec.ts']);
let rows: Map<string, string>;
beforeAll(async () => {
  for (const { file, right, wrong } of faults) copy.plant(file, right, wrong);
  // The other tests of the file send large files, or follow every state, which takes long.
  rows = await copy.rows('TE-32|TE-L3|TG-17|TG-18|TrustID|completion of orders|orders and tasks');
}, 180_000);
afterAll(() => copy.remove());

// Without the numbers in the names: these tests would count as proof of them.
test.each(faults)(
  'a fault in the product makes the rows of $system that depend on it FAILED',
  ({ failed }) => {
    for (const number of failed) expect(rows.get(number)).toContain(' FAILED ');
  },
);

test('the other rows of these systems are proved', () => {
  for (const number of proved) expect(rows.get(number)).toContain(' ok ');
});
