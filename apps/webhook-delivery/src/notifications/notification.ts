import { whatToDo } from './advice.ts';
import type { Alert, AlertExample, AlertKind } from './alert.ts';

export interface Notification {
  subject: string;
  text: string;
}

export interface NotificationContext {
  /** The organization's name. */
  organization: string;
  /** The host of an endpoint's URL; nothing where the endpoint is no more. */
  hostOf: (endpointId: string) => string | undefined;
}

/**
 * A notification about everything that alerts tell of one organization, in plain text. It names endpoints by the hosts of their
 * URLs and deliveries by their ids, and holds nothing of what was to be delivered.
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
  const whose = sections.length === 1 ? sections[0]!.name : `${sections.length} endpoints`;
  const text = [
    `Webhooks of ${context.organization} could not be delivered.`,
    ...sections.map(({ lines }) => lines.join('\n')),
    'What happens to the same endpoint from now on is gathered for a while before another notification is sent.',
  ].join('\n\n');
  return { subject: `Webhooks to ${whose} could not be delivered`, text: `${text}\n` };
}

function sectionAbout(alerts: readonly Alert[], { hostOf }: NotificationContext) {
  const { endpointId, environment } = alerts[0]!;
  const hosts = endpointId === null ? callbackHosts(alerts) : hostOf(endpointId);
  const name =
    endpointId === null ? `callback URLs at ${hosts}` : (hosts ?? 'an endpoint that is no more');
  const where = endpointId === null ? environment : `endpoint ${endpointId}, ${environment}`;
  return {
    name,
    lines: [
      `${name} (${where})`,
      ...alerts.flatMap((alert) => [`- ${sentences[alert.kind](alert)}`, ...lastOf(alert)]),
      '  What to do:',
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
    `${counted(alert, '1 delivery was', 'deliveries were')} given up after the last attempt, ${between(alert)}.`,
  expired: (alert) =>
    `${counted(alert, '1 delivery has', 'deliveries have')} expired, waiting for an endpoint that was closed, ${between(alert)}.`,
  blocked: (alert) =>
    `${counted(alert, '1 lane waits', 'lanes wait')} for your decision since the last attempt failed, ${between(alert)}.`,
  suspended: ({ examples: [last], lastAt }) =>
    `It was suspended on ${secondOf(lastAt)}: ${last?.reason === 'gone' ? 'it answered 410 Gone' : onlyFailures(last)}. What is for it waits.`,
};

const counted = ({ count }: Alert, one: string, more: string) =>
  count === 1 ? one : `${count} ${more}`;

const secondOf = (moment: Date) => `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const between = ({ firstAt, lastAt }: Alert) => {
  const [first, last] = [secondOf(firstAt), secondOf(lastAt)];
  return first === last ? `on ${last}` : `the first on ${first}, the last on ${last}`;
};

const onlyFailures = (last: AlertExample | undefined) =>
  `nothing but failures came from it${last?.failingSince === undefined ? '' : ` since ${secondOf(new Date(last.failingSince))}`}`;

const lastOf = ({ kind, examples: [last] }: Alert): string[] =>
  kind === 'suspended' || last?.deliveryId === undefined
    ? []
    : [`  The last one: delivery ${last.deliveryId} (${last.eventType})${lastError(last)}.`];

const lastError = ({ error, attempts }: AlertExample) =>
  error === undefined ? '' : `, ${error} at attempt ${attempts}`;
