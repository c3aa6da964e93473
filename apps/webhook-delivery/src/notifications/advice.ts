import type { Alert, AlertKind } from './alert.ts';

/** What a person can do about everything that happened to one endpoint, or to callback URLs, in the order to do it. */
export function whatToDo(endpointId: string | null, alerts: readonly Alert[]): string[] {
  const has = (kind: AlertKind) => alerts.some((alert) => alert.kind === kind);
  const query = endpointId === null ? 'state=exhausted' : `endpointId=${endpointId}`;
  return [
    `See what came back: GET /delivery/v1/deliveries?${query}`,
    ...(has('suspended')
      ? [
          `When it works again, resume it: POST /delivery/v1/endpoints/${endpointId}/resume. What waits comes in order.`,
        ]
      : []),
    ...(has('blocked')
      ? [
          'Decide for each lane whether the delivery at its head is tried again or skipped: POST /delivery/v1/deliveries/{id}/unblock {"decision":"retry"} or {"decision":"skip"}',
        ]
      : []),
    ...sendAgain(endpointId, alerts),
  ];
}

function sendAgain(endpointId: string | null, alerts: readonly Alert[]): string[] {
  const givenUp = alerts.filter(({ kind }) => kind === 'exhausted' || kind === 'expired');
  if (givenUp.length === 0) return [];
  const since = new Date(Math.min(...givenUp.map(({ firstAt }) => firstAt.getTime())));
  const replay =
    endpointId === null
      ? { kind: 'delivery', deliveryId: givenUp[0]!.examples[0]?.deliveryId }
      : { kind: 'failed', endpointId, since: since.toISOString() };
  return [`Have it sent again: POST /delivery/v1/replays ${JSON.stringify(replay)}`];
}
