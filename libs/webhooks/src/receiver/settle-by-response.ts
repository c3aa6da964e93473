import type { ServerResponse } from 'node:http';

/**
 * Settles a claim by what is answered: 2xx is handled, anything else is not. Where the sender hung up before the answer,
 * nobody knows whether the handler is still at it: the claim runs out by itself.
 */
export function settleByResponse(
  response: ServerResponse,
  settle: (handled: boolean) => Promise<void>,
): void {
  response.once('close', () => {
    if (!response.writableFinished) return;
    const { statusCode } = response;
    settle(statusCode >= 200 && statusCode < 300).catch(() => {
      // As if it had not been settled: the claim runs out.
    });
  });
}
