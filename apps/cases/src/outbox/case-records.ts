import {
  callbackEvents,
  requestTopic,
  stageEventName,
  Topics,
  type Environment,
  type StageRequest,
} from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import type { StoredEvent } from '@casewire/event-sourcing';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';

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
}

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

interface OutgoingEvent {
  type: string;
  occurredAt: string;
  feature?: string;
  data: Record<string, unknown>;
}

function outgoingEventOf(
  caseId: string,
  event: CaseDomainEvent,
  { externalId, reference, uploads }: CaseContext,
): OutgoingEvent | undefined {
  const about = (occurredAt: string) => ({
    caseId,
    externalId,
    ...(reference !== null && { reference }),
    occurredAt,
  });
  switch (event.type) {
    case 'CaseSubmitted': {
      const { submittedAt: occurredAt, uploadIds, stages } = event;
      return {
        type: 'case.submitted',
        occurredAt,
        data: { ...about(occurredAt), uploadIds, stages },
      };
    }
    case 'UploadReceived': {
      const { uploadId, receivedAt: occurredAt } = event;
      const { mediaType, pages, size } = uploads.get(uploadId)!.document;
      return {
        type: 'upload.received',
        occurredAt,
        data: { ...about(occurredAt), uploadId, mediaType, pages, size },
      };
    }
    case 'StageCompleted':
    case 'StageFailed': {
      const { stage, uploadId, finishedAt: occurredAt } = event;
      const type = stageEventName(stage, event.type === 'StageCompleted' ? 'completed' : 'failed');
      return { type, occurredAt, feature: stage, data: { ...about(occurredAt), uploadId } };
    }
    case 'CaseCompleted': {
      const { completedAt: occurredAt, result } = event;
      // It is published once: later uploads have events of their own.
      return event.again
        ? undefined
        : { type: 'case.completed', occurredAt, data: { ...about(occurredAt), result } };
    }
    case 'CaseDeleted': {
      const { deletedAt: occurredAt } = event;
      return { type: 'case.erased', occurredAt, data: { caseId, occurredAt } };
    }
    case 'StageRequested':
    case 'LateResultReceived':
      return undefined;
  }
}

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
      ce_id: `${caseId}/${version}`,
      ce_source: '/casewire/cases',
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
