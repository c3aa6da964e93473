import { createRequire } from 'node:module';

interface RequestQueue {
  throttledUntil: number;
  pending: unknown[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

let quieted = false;

/**
 * After its first response a connection of kafkajs 2.2.4 sets a timer to a negative time, again and again: a wake-up every
 * millisecond per connection for as long as it lives. There is something to wake up for only while requests are held back.
 */
export function quietRequestQueue(): void {
  if (quieted) return;
  quieted = true;
  const { prototype } = createRequire(import.meta.url)(
    'kafkajs/src/network/requestQueue/index.js',
  ) as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
