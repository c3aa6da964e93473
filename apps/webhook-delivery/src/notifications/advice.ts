import type { Alert, AlertKind } from './alert.ts';

/**
 * The steps that a partner can take after these alerts, in order.
 * @param endpointId the endpoint of all the alerts; null for callback URLs
 */
export function whatToDo(endpointId: string | null, alerts: readonly Alert[]): string[] {
  const has = (kind: AlertKind) => alerts.some((alert) => alert.kind === kind);
  const query = endpointId === null ? 'state=exhausted' : `endpointId=${endpointId}`;
  return [
    `See the deliveries and the responses: GET /delivery/v1/deliveries?${query}`,
    ...(has('suspended')
      ? [
          `When the endpoint works again, resume it: POST /delivery/v1/endpoints/${endpointId}/resume. The waiting deliveries are then sent in order.`,
        ]
      : []),
    ...(has('blocked')
      ? [
          'Decide for each blocked lane whether to retry or to skip the delivery at its head: POST /delivery/v1/deliveries/{id}/unblock {"decision":"retry"} or {"decision":"skip"}',
        ]
      : []),
    ...sendAgain(endpointId, alerts),
  ];
}

function sendAgain(endpointId: string | null, alerts: readonly Alert[]): string[] {
  const failed = alerts.filter(({ kind }) => kind === 'exhausted' || kind === 'expired');
  if (failed.length === 0) return [];
  const since = new Date(Math.min(...failed.map(({ firstAt }) => firstAt.getTime())));
  const replay =
    endpointId === null
      ? { kind: 'delivery', deliveryId: failed[0]!.examples[0]?.deliveryId }
      : { kind: 'failed', endpointId, since: since.toISOString() };
  return [`Send the failed deliveries again: POST /delivery/v1/replays ${JSON.stringify(replay)}`];
}
