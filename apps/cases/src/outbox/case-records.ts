import {
  callbackEvents,
  requestTopic,
  Topics,
  type Environment,
  type Steering,
  type Stage,
  type StageRequest,
} from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import type { StoredEvent } from '@casewire/event-sourcing';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';
import { outgoingEventOf, type OutgoingEvent } from './outgoing-event.ts';

/** What a record needs in addition to its domain event. */
export interface CaseContext {
  organizationId: string;
  environment: Environment;
  /** As submitted; null if the submission had none, or the case was erased since. */
  externalId: string | null;
  reference: string | null;
  /** As submitted; a header of every event. */
  correlationId: string | null;
  /** The callback URL for the events of this case that may have one; null: the organization's callback URL is used. */
  callbackUrl: string | null;
  uploads: ReadonlyMap<string, DomainEventOf<'UploadReceived'>>;
  /** Texts of people, by review: private data, which are deleted with the case. */
  reviews: ReadonlyMap<string, ReviewTexts>;
}

export interface ReviewTexts {
  /** Why a person opened the review. */
  reason: string | null;
  /** What a reviewer requested. */
  request: string | null;
}

/** The `ce_source` of all events of this service. */
export const eventSource = '/casewire/cases';

/** The `ce_id` of the event that a domain event causes: its position in its stream. */
export const eventIdOf = (caseId: string, version: number): string => `${caseId}/${version}`;

/** Maps a domain event to Kafka records: a request to a stage, an event for subscribers, or nothing. */
export function recordsOf(
  stored: StoredEvent<CaseDomainEvent>,
  context: CaseContext,
): OutgoingRecord[] {
  const { event, streamId: caseId } = stored;
  if (event.type === 'StageRequested') return [stageRequest(stored, event, context)];
  const outgoing = outgoingEventOf(caseId, event, context);
  return outgoing ? [eventRecord(stored, outgoing, context)] : [];
}

function stageRequest(
  { streamId: caseId, traceparent }: StoredEvent<CaseDomainEvent>,
  event: DomainEventOf<'StageRequested'>,
  { organizationId, environment, uploads }: CaseContext,
): OutgoingRecord {
  const upload = uploads.get(event.uploadId)!;
  const { run, runId, stage, uploadId, documentType, requestedAt, deadline } = event;
  const request: StageRequest = {
    type: 'StageRequested',
    runId,
    run,
    stage,
    organizationId,
    environment,
    caseId,
    uploadId,
    document: upload.document,
    documentType,
    targetLanguage: upload.targetLanguage,
    ...(upload.simulate && { simulate: steered(upload.simulate, stage, run) }),
    requestedAt,
    deadline,
  };
  return {
    topic: requestTopic(stage),
    key: caseId,
    value: JSON.stringify(request),
    headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
  };
}

const steered = ({ failing, refreshFails }: Steering, stage: Stage, run: number) => ({
  fails: failing.includes(stage) || (run > 1 && refreshFails),
});

/**
 * CloudEvents 1.0, Kafka binding, binary mode. The id is the position of the domain event in its stream: the
 * same at every publication.
 */
function eventRecord(
  { streamId: caseId, version, traceparent }: StoredEvent<CaseDomainEvent>,
  { type, occurredAt, feature, data }: OutgoingEvent,
  { organizationId, environment, correlationId, callbackUrl }: CaseContext,
): OutgoingRecord {
  return {
    topic: Topics.casewireEvents,
    key: caseId,
    value: JSON.stringify(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: eventIdOf(caseId, version),
      ce_source: eventSource,
      ce_type: type,
      ce_time: occurredAt,
      ce_subject: caseId,
      ce_organization: organizationId,
      ce_environment: environment,
      'content-type': 'application/json',
      ...(feature && { ce_feature: feature }),
      ...(correlationId !== null && { ce_correlationid: correlationId }),
      ...(callbackUrl !== null && callbackEvents.has(type) && { ce_destination: callbackUrl }),
      ...(traceparent && { traceparent }),
    },
  };
}
