import { whatToDo } from './advice.ts';
import type { Notice, NoticeExample, NoticeKind } from './alert.ts';

export interface Letter {
  subject: string;
  text: string;
}

export interface LetterContext {
  /** The organization's name. */
  organization: string;
  /** The host of an endpoint's URL; nothing where the endpoint is no more. */
  hostOf: (endpointId: string) => string | undefined;
}

/**
 * A letter about everything that notices tell of one organization, in plain text. It names endpoints by the hosts of their
 * URLs and deliveries by their ids, and holds nothing of what was to be delivered.
 */
export function letterAbout(notices: readonly Notice[], context: LetterContext): Letter {
  const groups = Map.groupBy(
    notices,
    ({ environment, endpointId }) => `${environment} ${endpointId}`,
  );
  const sections = [...groups.values()].map((of) => sectionAbout(of, context));
  const whose = sections.length === 1 ? sections[0]!.name : `${sections.length} endpoints`;
  const text = [
    `Webhooks of ${context.organization} could not be delivered.`,
    ...sections.map(({ lines }) => lines.join('\n')),
    'What happens to the same endpoint from now on is gathered for a while before another letter is sent.',
  ].join('\n\n');
  return { subject: `Webhooks to ${whose} could not be delivered`, text: `${text}\n` };
}

function sectionAbout(notices: readonly Notice[], { hostOf }: LetterContext) {
  const { endpointId, environment } = notices[0]!;
  const hosts = endpointId === null ? callbackHosts(notices) : hostOf(endpointId);
  const name =
    endpointId === null ? `callback URLs at ${hosts}` : (hosts ?? 'an endpoint that is no more');
  const where = endpointId === null ? environment : `endpoint ${endpointId}, ${environment}`;
  return {
    name,
    lines: [
      `${name} (${where})`,
      ...notices.flatMap((notice) => [`- ${told[notice.kind](notice)}`, ...lastOf(notice)]),
      '  What to do:',
      ...whatToDo(endpointId, notices).map((step, i) => `  ${i + 1}. ${step}`),
    ],
  };
}

const callbackHosts = (notices: readonly Notice[]): string => {
  const hosts = notices.flatMap(({ examples }) => examples.flatMap(({ host }) => host ?? []));
  return [...new Set(hosts)].join(', ');
};

const told: Record<NoticeKind, (notice: Notice) => string> = {
  exhausted: (notice) =>
    `${counted(notice, '1 delivery was', 'deliveries were')} given up after the last attempt, ${between(notice)}.`,
  expired: (notice) =>
    `${counted(notice, '1 delivery has', 'deliveries have')} expired, waiting for an endpoint that was closed, ${between(notice)}.`,
  held: (notice) =>
    `${counted(notice, '1 lane waits', 'lanes wait')} for your decision since the last attempt failed, ${between(notice)}.`,
  suspended: ({ examples: [last], lastAt }) =>
    `It was suspended on ${secondOf(lastAt)}: ${last?.reason === 'gone' ? 'it answered 410 Gone' : onlyFailures(last)}. What is for it waits.`,
};

const counted = ({ count }: Notice, one: string, more: string) =>
  count === 1 ? one : `${count} ${more}`;

const secondOf = (moment: Date) => `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const between = ({ firstAt, lastAt }: Notice) => {
  const [first, last] = [secondOf(firstAt), secondOf(lastAt)];
  return first === last ? `on ${last}` : `the first on ${first}, the last on ${last}`;
};

const onlyFailures = (last: NoticeExample | undefined) =>
  `nothing but failures came from it${last?.failingSince === undefined ? '' : ` since ${secondOf(new Date(last.failingSince))}`}`;

const lastOf = ({ kind, examples: [last] }: Notice): string[] =>
  kind === 'suspended' || last?.deliveryId === undefined
    ? []
    : [`  The last one: delivery ${last.deliveryId} (${last.eventType})${lastError(last)}.`];

const lastError = ({ error, attempts }: NoticeExample) =>
  error === undefined ? '' : `, ${error} at attempt ${attempts}`;
