import { createRequire } from 'node:module';

/** The part of the internal class RequestQueue of kafkajs 2.2.4 that the patch uses. */
export interface RequestQueue {
  throttledUntil: number;
  pending: unknown[];
  inflight: Map<number, TimedRequest>;
  requestTimeout: number;
  enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected: () => boolean;
  destroy: () => void;
  scheduleCheckPendingRequests: () => void;
  scheduleRequestTimeoutCheck: () => void;
}

interface TimedRequest {
  sentAt: number;
  requestTimeout: number;
  timeoutRequest: () => void;
}

const checksPerTimeout = 10;
let patched = false;

/**
 * Patches the request queue of kafkajs 2.2.4, once per process. An idle connection wakes the process up without a cause:
 *
 * - After each response it sets a timer with a negative delay, again and again: one wake-up per millisecond. The timer is
 *   needed only while requests are pending or throttled.
 * - Every 100 ms it looks for requests whose time is over, although that time is 30 s. Every tenth of that time is enough: a request
 *   without a response fails at the latest after 1.1 times its time-out.
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
  prototype.scheduleRequestTimeoutCheck = function () {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      failExpired(this);
    }, this.requestTimeout / checksPerTimeout);
  };
}

function failExpired(queue: RequestQueue): void {
  const now = Date.now();
  for (const request of queue.inflight.values()) {
    if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
  }
  if (!queue.isConnected()) queue.destroy();
}
