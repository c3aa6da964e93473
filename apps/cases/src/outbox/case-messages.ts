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

import type { CaseFact, FactOf } from '../case/case-fact.ts';

/** What a message needs beside its fact. */
export interface CaseContext {
  organizationId: string;
  environment: Environment;
  /** As submitted; null if none was given, or the case was erased meanwhile. */
  externalId: string | null;
  reference: string | null;
  /** As submitted; part of the headers of every event. */
  correlationId: string | null;
  /** Where events of this case go that may have a URL of their own; null for the account's. */
  callbackUrl: string | null;
  uploads: ReadonlyMap<string, FactOf<'UploadReceived'>>;
}

/** What is said to the outside for a fact: requests to the stages, and events that subscribers may see. */
export function messagesOf(stored: StoredEvent<CaseFact>, context: CaseContext): OutgoingRecord[] {
  const { event: fact, streamId: caseId } = stored;
  if (fact.type === 'StageRequested') return [stageRequest(stored, fact, context)];
  const event = eventOf(caseId, fact, context);
  return event ? [eventRecord(stored, event, context)] : [];
}

function stageRequest(
  { streamId: caseId, traceparent }: StoredEvent<CaseFact>,
  fact: FactOf<'StageRequested'>,
  { organizationId, environment, uploads }: CaseContext,
): OutgoingRecord {
  const upload = uploads.get(fact.uploadId)!;
  const { run, runId, stage, uploadId, documentType, requestedAt, deadline } = fact;
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

interface CaseEvent {
  type: string;
  occurredAt: string;
  feature?: string;
  data: Record<string, unknown>;
}

function eventOf(
  caseId: string,
  fact: CaseFact,
  { externalId, reference, uploads }: CaseContext,
): CaseEvent | undefined {
  const about = (occurredAt: string) => ({
    caseId,
    externalId,
    ...(reference !== null && { reference }),
    occurredAt,
  });
  switch (fact.type) {
    case 'CaseSubmitted': {
      const { submittedAt: occurredAt, uploadIds, stages } = fact;
      return {
        type: 'case.submitted',
        occurredAt,
        data: { ...about(occurredAt), uploadIds, stages },
      };
    }
    case 'UploadReceived': {
      const { uploadId, receivedAt: occurredAt } = fact;
      const { mediaType, pages, size } = uploads.get(uploadId)!.document;
      return {
        type: 'upload.received',
        occurredAt,
        data: { ...about(occurredAt), uploadId, mediaType, pages, size },
      };
    }
    case 'StageCompleted':
    case 'StageFailed': {
      const { stage, uploadId, finishedAt: occurredAt } = fact;
      const type = stageEventName(stage, fact.type === 'StageCompleted' ? 'completed' : 'failed');
      return { type, occurredAt, feature: stage, data: { ...about(occurredAt), uploadId } };
    }
    case 'CaseCompleted': {
      const { completedAt: occurredAt, result } = fact;
      // It is raised once: uploads that come later have events of their own.
      return fact.again
        ? undefined
        : { type: 'case.completed', occurredAt, data: { ...about(occurredAt), result } };
    }
    case 'CaseDeleted': {
      const { deletedAt: occurredAt } = fact;
      return { type: 'case.erased', occurredAt, data: { caseId, occurredAt } };
    }
    case 'StageRequested':
    case 'LateOutcomeReceived':
      return undefined;
  }
}

/** CloudEvents 1.0, Kafka binding, binary mode. The id is the fact's place in its stream: the same at every publication. */
function eventRecord(
  { streamId: caseId, version, traceparent }: StoredEvent<CaseFact>,
  { type, occurredAt, feature, data }: CaseEvent,
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
