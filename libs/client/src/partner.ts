import type {
  CaseSummary,
  CaseView,
  ChangeEndpoint,
  CreateEndpoint,
  DeliveryDetail,
  DeliveryView,
  EndpointToken,
  EndpointView,
  EndpointWithSecret,
  Feature,
  PingSent,
  SigningSecretShown,
  Stage,
  StageResults,
  SubscriptionUpgrade,
  SubscriptionView,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';

export interface SubmittedFile {
  name: string;
  bytes: Uint8Array;
}

export interface Submission {
  files: SubmittedFile[];
  externalId?: string;
  features?: Feature[];
  classify?: boolean | boolean[];
  metadata?: Record<string, string | number | boolean>;
  reference?: string;
  callbackUrl?: string;
  correlationId?: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export function query(parameters: Record<string, string | number | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
}

/** The form in which a submission is sent. */
export function formOf(submission: Submission): FormData {
  const { files, externalId, features, classify, metadata, reference, callbackUrl, correlationId } =
    submission;
  const form = new FormData();
  if (externalId !== undefined) form.set('externalId', externalId);
  if (reference !== undefined) form.set('reference', reference);
  if (callbackUrl !== undefined) form.set('callbackUrl', callbackUrl);
  if (correlationId !== undefined) form.set('correlationId', correlationId);
  if (features) form.set('features', JSON.stringify(features));
  if (classify !== undefined) form.set('classify', JSON.stringify(classify));
  if (metadata) form.set('metadata', JSON.stringify(metadata));
  for (const { name, bytes } of files)
    form.append('files', new Blob([new Uint8Array(bytes)]), name);
  return form;
}

/** A partner in one environment: cases, endpoints, deliveries. */
export class PartnerClient {
  readonly api: Api;

  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  submit(submission: Submission, idempotencyKey?: string): Promise<CaseView> {
    return this.api.call('/partner/v1/cases', {
      method: 'POST',
      body: formOf(submission),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  cases(page: { limit?: number; cursor?: string } = {}): Promise<Page<CaseSummary>> {
    return this.api.call(`/partner/v1/cases${query(page)}`);
  }

  case(id: string): Promise<CaseView> {
    return this.api.call(`/partner/v1/cases/${id}`);
  }

  results(id: string, stage: Stage): Promise<StageResults> {
    return this.api.call(`/partner/v1/cases/${id}/${stage}`);
  }

  deleteCase(id: string): Promise<void> {
    return this.api.call(`/partner/v1/cases/${id}`, { method: 'DELETE' });
  }

  createEndpoint(endpoint: z.input<typeof CreateEndpoint>): Promise<EndpointWithSecret> {
    return this.api.call('/registry/v1/endpoints', { method: 'POST', body: endpoint });
  }

  changeEndpoint(id: string, changes: ChangeEndpoint): Promise<EndpointView> {
    return this.api.call(`/registry/v1/endpoints/${id}`, { method: 'PATCH', body: changes });
  }

  deleteEndpoint(id: string): Promise<void> {
    return this.api.call(`/registry/v1/endpoints/${id}`, { method: 'DELETE' });
  }

  endpoint(id: string): Promise<EndpointView> {
    return this.api.call(`/registry/v1/endpoints/${id}`);
  }

  endpointToken(id: string): Promise<EndpointToken> {
    return this.api.call(`/registry/v1/endpoints/${id}/token`);
  }

  ping(id: string): Promise<PingSent> {
    return this.api.call(`/registry/v1/endpoints/${id}/ping`, { method: 'POST' });
  }

  subscriptions(id: string): Promise<{ items: SubscriptionView[] }> {
    return this.api.call(`/registry/v1/endpoints/${id}/subscriptions`);
  }

  /** What an upgrade would change. */
  upgradePreview(id: string, eventType: string, version?: number): Promise<SubscriptionUpgrade> {
    return this.api.call(
      `/registry/v1/endpoints/${id}/subscriptions/${eventType}/upgrade${query({ version })}`,
    );
  }

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

  rotateCallbackSecret(): Promise<SigningSecretShown> {
    return this.api.call('/registry/v1/callback-secret', { method: 'POST' });
  }

  rotateSecret(id: string): Promise<EndpointWithSecret> {
    return this.api.call(`/registry/v1/endpoints/${id}/secret`, { method: 'POST' });
  }

  deliveries(
    filter: {
      endpointId?: string;
      state?: string;
      eventId?: string;
      limit?: number;
      cursor?: string;
    } = {},
  ): Promise<Page<DeliveryView>> {
    return this.api.call(`/delivery/v1/deliveries${query(filter)}`);
  }

  delivery(id: string): Promise<DeliveryDetail> {
    return this.api.call(`/delivery/v1/deliveries/${id}`);
  }
}
