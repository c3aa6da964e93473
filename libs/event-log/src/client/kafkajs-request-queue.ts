import { createRequire } from 'node:module';

/** The part of the internal class RequestQueue of kafkajs 2.2.4 that the patch uses. */
export interface RequestQueue {
  throttledUntil: number;
  pending: unknown[];
  scheduleCheckPendingRequests: () => void;
}

let patched = false;

/**
 * Patches the request queue of kafkajs 2.2.4, once per process. Without the patch each connection sets a timer with a negative
 * delay after its first response, again and again: one wake-up per millisecond and connection until it is closed. The timer
 * is needed only while requests are pending or throttled.
 */
export function patchRequestQueue(): void {
  if (patched) return;
  patched = true;
  const { prototype } = createRequire(import.meta.url)(
    'kafkajs/src/network/requestQueue/index.js',
  ) as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
