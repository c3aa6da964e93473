import { whatToDo } from './advice.ts';
import type { Alert, AlertExample, AlertKind } from './alert.ts';

export interface Notification {
  subject: string;
  text: string;
}

export interface NotificationContext {
  /** The organization's name. */
  organization: string;
  /** The host of an endpoint's URL; undefined if the endpoint was deleted. */
  hostOf: (endpointId: string) => string | undefined;
}

/**
 * A notification about alerts of one organization, in plain text. It identifies endpoints by the hosts of their URLs and
 * deliveries by their ids, and contains no data of events.
 */
export function notificationAbout(
  alerts: readonly Alert[],
  context: NotificationContext,
): Notification {
  const groups = Map.groupBy(
    alerts,
    ({ environment, endpointId }) => `${environment} ${endpointId}`,
  );
  const sections = [...groups.values()].map((of) => sectionAbout(of, context));
  const target = sections.length === 1 ? sections[0]!.name : `${sections.length} endpoints`;
  const text = [
    `Hello,\n\nsome webhooks for ${context.organization} could not be delivered.`,
    ...sections.map(({ lines }) => lines.join('\n')),
    'If more deliveries to the same endpoint fail, we collect them for a while before we notify you again.',
  ].join('\n\n');
  return { subject: `Webhooks to ${target} could not be delivered`, text: `${text}\n` };
}

function sectionAbout(alerts: readonly Alert[], { hostOf }: NotificationContext) {
  const { endpointId, environment } = alerts[0]!;
  const hosts = endpointId === null ? callbackHosts(alerts) : hostOf(endpointId);
  const name = endpointId === null ? `callback URLs at ${hosts}` : (hosts ?? 'a deleted endpoint');
  const where = endpointId === null ? environment : `endpoint ${endpointId}, ${environment}`;
  return {
    name,
    lines: [
      `${name} (${where})`,
      ...alerts.flatMap((alert) => [`- ${sentences[alert.kind](alert)}`, ...lastOf(alert)]),
      '  What you can do:',
      ...whatToDo(endpointId, alerts).map((step, i) => `  ${i + 1}. ${step}`),
    ],
  };
}

const callbackHosts = (alerts: readonly Alert[]): string => {
  const hosts = alerts.flatMap(({ examples }) => examples.flatMap(({ host }) => host ?? []));
  return [...new Set(hosts)].join(', ');
};

const sentences: Record<AlertKind, (alert: Alert) => string> = {
  exhausted: (alert) =>
    `${counted(alert, '1 delivery', 'deliveries')} failed and will not be retried, ${between(alert)}.`,
  expired: (alert) =>
    `${counted(alert, '1 delivery', 'deliveries')} expired while the endpoint was disabled or suspended, ${between(alert)}.`,
  blocked: (alert) =>
    `${counted(alert, '1 lane waits', 'lanes wait')} for your decision because the last attempt failed, ${between(alert)}.`,
  suspended: ({ examples: [last], lastAt }) =>
    `It was suspended on ${secondOf(lastAt)} because ${last?.reason === 'gone' ? 'it responded with 410 Gone' : onlyFailures(last)}. Its deliveries wait.`,
};

const counted = ({ count }: Alert, one: string, more: string) =>
  count === 1 ? one : `${count} ${more}`;

const secondOf = (moment: Date) => `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const between = ({ firstAt, lastAt }: Alert) => {
  const [first, last] = [secondOf(firstAt), secondOf(lastAt)];
  return first === last ? `on ${last}` : `the first on ${first}, the last on ${last}`;
};

const onlyFailures = (last: AlertExample | undefined) =>
  `all attempts failed${last?.failingSince === undefined ? '' : ` since ${secondOf(new Date(last.failingSince))}`}`;

const lastOf = ({ kind, examples: [last] }: Alert): string[] =>
  kind === 'suspended' || last?.deliveryId === undefined
    ? []
    : [`  The latest one: delivery ${last.deliveryId} (${last.eventType})${lastError(last)}.`];

const lastError = ({ error, attempts }: AlertExample) =>
  error === undefined ? '' : `, ${error} at attempt ${attempts}`;
