import type { DeliverableEvent, Dialect } from './dialect.ts';
import { everyTwoHours } from './retry-schedule.ts';

const names: ReadonlyMap<string, string> = new Map([
  ['order.completed', 'order.completed'],
  ['verification.state_changed', 'verification_request.state.change'],
  // Truework has no test event.
  ['endpoint.ping', 'endpoint.ping'],
]);

interface Body {
  version: string;
  hook: { id: string | null; event: string; target: string | null; triggered_at: string };
  data: Record<string, unknown>;
}

/** Truework: two events, a token in a header, an attempt every two hours for two days (TW-2, TW-3, TW-12, TW-21, TW-L1). */
export const truework: Dialect = {
  name: 'truework',
  eventNames: new Map([
    ['order.completed', ['order.completed']],
    ['verification_request.state.change', ['verification.state_changed']],
  ]),
  nameOf: ({ type }) => names.get(type) ?? null,
  body: (event, { endpointId }): Body => ({
    // The only field that every version has (TW-29).
    version: '2023-10-30',
    hook: {
      id: endpointId,
      event: names.get(event.type) ?? event.type,
      // The URL of the request: attemptBody fills it in.
      target: null,
      triggered_at: event.occurredAt,
    },
    data: dataOf(event),
  }),
  headers: () => ({}),
  attemptBody(storedBody, { url }) {
    const body = JSON.parse(storedBody.toString()) as Body;
    body.hook.target = url;
    return Buffer.from(JSON.stringify(body));
  },
  attemptHeaders: (_body, _attempt, { token }): Record<string, string> =>
    token === null ? {} : { 'x-truework-token': token },
  secretHeaders: ['x-truework-token'],
  schedule: everyTwoHours,
  timeoutMs: 15_000,
};

function dataOf({ type, data }: DeliverableEvent): Body['data'] {
  if (type === 'endpoint.ping') return { message: data.message };
  if (type === 'order.completed') return { order_id: data.orderId, metadata: data.metadata };
  return {
    order_id: data.orderId,
    state: data.state,
    verification_request_id: data.verificationId,
    metadata: data.metadata,
  };
}
