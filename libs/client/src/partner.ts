import type {
  CaseEvent,
  CaseResult,
  CaseResults,
  CaseRevisions,
  CaseStatus,
  CaseSummary,
  CaseTimeline,
  CaseView,
  ChangeEndpoint,
  CreateEndpoint,
  DeliveryDetail,
  DeliveryView,
  EndpointToken,
  EndpointView,
  EndpointWithSecret,
  ExtractionVersions,
  Feature,
  PingSent,
  SigningSecretShown,
  Stage,
  StageResults,
  SubscriptionUpgrade,
  SubscriptionView,
  TargetLanguage,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api, type DownloadedFile } from './api.ts';
import { joinTimeline, type TimelineItem } from './timeline.ts';

/** A document to submit. */
export interface SubmittedFile {
  /** The file name, with its extension. */
  name: string;
  bytes: Uint8Array;
}

/** A case to submit; the fields are those of `POST /partner/v1/cases`. */
export interface Submission {
  files: SubmittedFile[];
  externalId?: string;
  /** For all files, or one list per file in their order. */
  features?: Feature[] | Feature[][];
  classify?: boolean | boolean[];
  metadata?: Record<string, string | number | boolean>;
  reference?: string;
  callbackUrl?: string;
  correlationId?: string;
  /** The language that translation translates to; English by default. */
  targetLanguage?: TargetLanguage;
  /** The verification of an order for which the case is submitted. */
  verificationId?: string;
}

/** A page of a list. */
export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null on the last page. */
  next: string | null;
}

/** Which cases to list, and which page of them; a condition that is missing is ignored. */
export interface CaseFilter {
  status?: Exclude<CaseStatus, 'deleted'>;
  result?: CaseResult;
  externalId?: string;
  reference?: string;
  /** Submitted for this verification of an order. */
  verificationId?: string;
  /** Submitted at this time or later. */
  from?: string;
  /** Submitted before this time. */
  to?: string;
  limit?: number;
  cursor?: string;
}

/** The query of a URL with its `?`, without undefined parameters; empty if none is left. */
export function query(parameters: Record<string, string | number | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
}

/** A submission as multipart/form-data. */
export function formOf(submission: Submission): FormData {
  const { files, externalId, features, classify, metadata, reference, callbackUrl, correlationId } =
    submission;
  const { targetLanguage, verificationId } = submission;
  const form = new FormData();
  if (externalId !== undefined) form.set('externalId', externalId);
  if (reference !== undefined) form.set('reference', reference);
  if (callbackUrl !== undefined) form.set('callbackUrl', callbackUrl);
  if (correlationId !== undefined) form.set('correlationId', correlationId);
  if (targetLanguage !== undefined) form.set('targetLanguage', targetLanguage);
  if (verificationId !== undefined) form.set('verificationId', verificationId);
  if (features) form.set('features', JSON.stringify(features));
  if (classify !== undefined) form.set('classify', JSON.stringify(classify));
  if (metadata) form.set('metadata', JSON.stringify(metadata));
  for (const { name, bytes } of files)
    form.append('files', new Blob([new Uint8Array(bytes)]), name);
  return form;
}

/**
 * The APIs for a partner in one environment: cases, endpoints, subscriptions and deliveries. Every method throws ApiError if the API
 * refuses the request.
 */
export class PartnerClient {
  readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  /** Submits a case. With an Idempotency-Key, a second call returns the case of the first one. */
  submit(submission: Submission, idempotencyKey?: string): Promise<CaseView> {
    return this.api.call('/partner/v1/cases', {
      method: 'POST',
      body: formOf(submission),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  /** The cases that match the filter, newest first. */
  cases(filter: CaseFilter = {}): Promise<Page<CaseSummary>> {
    return this.api.call(`/partner/v1/cases${query({ ...filter })}`);
  }

  case(id: string): Promise<CaseView> {
    return this.api.call(`/partner/v1/cases/${id}`);
  }

  /** The results of one stage for the documents of a case. */
  results(id: string, stage: Stage): Promise<StageResults> {
    return this.api.call(`/partner/v1/cases/${id}/${stage}`);
  }

  /** The results of all stages for all documents of a case. */
  allResults(id: string): Promise<CaseResults> {
    return this.api.call(`/partner/v1/cases/${id}/results`);
  }

  /** The extractions of a case as a version had them, without the documents that never had it; the latest by default. */
  extraction(id: string, version?: number): Promise<StageResults> {
    return this.api.call(`/partner/v1/cases/${id}/extraction${query({ version })}`);
  }

  /** The versions of a document's extraction: by which run, or corrected by whom, when and why. */
  extractionVersions(id: string, uploadId: string): Promise<ExtractionVersions> {
    return this.api.call(`/partner/v1/cases/${id}/uploads/${uploadId}/extraction/versions`);
  }

  /** The case's own data, in each version. */
  revisions(id: string): Promise<CaseRevisions> {
    return this.api.call(`/partner/v1/cases/${id}/revisions`);
  }

  /** The events of a case as they are published, oldest first. */
  events(id: string, page: { limit?: number; cursor?: string } = {}): Promise<Page<CaseEvent>> {
    return this.api.call(`/partner/v1/cases/${id}/events${query(page)}`);
  }

  /** Everything that happened to a case, in order of time, without deliveries. */
  moments(id: string): Promise<CaseTimeline> {
    return this.api.call(`/partner/v1/cases/${id}/timeline`);
  }

  /** What happened to a case and all deliveries of its events, in order of time. The key needs `deliveries:read`, too. */
  async timeline(id: string): Promise<TimelineItem[]> {
    const { entries } = await this.moments(id);
    const deliveries: DeliveryView[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const read: Page<DeliveryView> = await this.deliveries({
        caseId: id,
        limit: 100,
        ...(cursor !== undefined && { cursor }),
      });
      deliveries.push(...read.items);
      cursor = read.next;
    }
    return joinTimeline(entries, deliveries);
  }

  /** A document as it was uploaded. The key needs `documents:read`. */
  document(id: string, uploadId: string): Promise<DownloadedFile> {
    return this.api.file(`/partner/v1/cases/${id}/uploads/${uploadId}/document`);
  }

  /** A page of a document as PNG; the first page is 1. The key needs `documents:read`. */
  pageImage(id: string, uploadId: string, page: number): Promise<DownloadedFile> {
    return this.api.file(`/partner/v1/cases/${id}/uploads/${uploadId}/pages/${page}`);
  }

  /**
   * The picture of a finding as PNG. The key needs `documents:read`.
   * @param number the place of the finding in the current result of forensics; the first one is 1
   */
  findingImage(id: string, uploadId: string, number: number): Promise<DownloadedFile> {
    return this.api.file(`/partner/v1/cases/${id}/uploads/${uploadId}/findings/${number}/image`);
  }

  /** Deletes a case with its documents and results. */
  deleteCase(id: string): Promise<void> {
    return this.api.call(`/partner/v1/cases/${id}`, { method: 'DELETE' });
  }

  /** Registers an endpoint. The response has its signing secret. */
  createEndpoint(endpoint: z.input<typeof CreateEndpoint>): Promise<EndpointWithSecret> {
    return this.api.call('/registry/v1/endpoints', { method: 'POST', body: endpoint });
  }

  /** Changes the given fields of an endpoint. */
  changeEndpoint(id: string, changes: ChangeEndpoint): Promise<EndpointView> {
    return this.api.call(`/registry/v1/endpoints/${id}`, { method: 'PATCH', body: changes });
  }

  deleteEndpoint(id: string): Promise<void> {
    return this.api.call(`/registry/v1/endpoints/${id}`, { method: 'DELETE' });
  }

  endpoint(id: string): Promise<EndpointView> {
    return this.api.call(`/registry/v1/endpoints/${id}`);
  }

  /** The token that requests to the endpoint carry in the dialects that have one. */
  endpointToken(id: string): Promise<EndpointToken> {
    return this.api.call(`/registry/v1/endpoints/${id}/token`);
  }

  /** Publishes a test event for the endpoint. */
  ping(id: string): Promise<PingSent> {
    return this.api.call(`/registry/v1/endpoints/${id}/ping`, { method: 'POST' });
  }

  /** The event types that an endpoint subscribes to, with their versions. */
  subscriptions(id: string): Promise<{ items: SubscriptionView[] }> {
    return this.api.call(`/registry/v1/endpoints/${id}/subscriptions`);
  }

  /** The changes that an upgrade to a version (the latest one by default) would make, without making them. */
  upgradePreview(id: string, eventType: string, version?: number): Promise<SubscriptionUpgrade> {
    return this.api.call(
      `/registry/v1/endpoints/${id}/subscriptions/${eventType}/upgrade${query({ version })}`,
    );
  }

  /** Moves a subscription to another version of its event type; the latest one by default. */
  upgrade(id: string, eventType: string, version?: number): Promise<SubscriptionUpgrade> {
    return this.api.call(`/registry/v1/endpoints/${id}/subscriptions/${eventType}/upgrade`, {
      method: 'POST',
      body: version === undefined ? {} : { version },
    });
  }

  unsubscribe(id: string, eventType: string): Promise<void> {
    return this.api.call(`/registry/v1/endpoints/${id}/subscriptions/${eventType}`, {
      method: 'DELETE',
    });
  }

  /** Replaces the secret that signs callbacks. The response is the only place where the new secret is shown. */
  rotateCallbackSecret(): Promise<SigningSecretShown> {
    return this.api.call('/registry/v1/callback-secret', { method: 'POST' });
  }

  /** Replaces the signing secret of an endpoint. */
  rotateSecret(id: string): Promise<EndpointWithSecret> {
    return this.api.call(`/registry/v1/endpoints/${id}/secret`, { method: 'POST' });
  }

  /** The deliveries that match the filter. */
  deliveries(
    filter: {
      endpointId?: string;
      state?: string;
      eventId?: string;
      caseId?: string;
      orderId?: string;
      limit?: number;
      cursor?: string;
    } = {},
  ): Promise<Page<DeliveryView>> {
    return this.api.call(`/delivery/v1/deliveries${query(filter)}`);
  }

  /** One delivery with its attempts. */
  delivery(id: string): Promise<DeliveryDetail> {
    return this.api.call(`/delivery/v1/deliveries/${id}`);
  }
}
