import type { ServerResponse } from 'node:http';

/**
 * Settles a claim by the status of the response: 2xx means handled, anything else not handled. Where the sender closes the
 * connection before the response, the handler may still be running: the claim then expires.
 */
export function settleByResponse(
  response: ServerResponse,
  settle: (handled: boolean) => Promise<void>,
): void {
  response.once('close', () => {
    if (!response.writableFinished) return;
    const { statusCode } = response;
    settle(statusCode >= 200 && statusCode < 300).catch(() => {
      // The claim expires, as if it had not been settled.
    });
  });
}
