import type {
  ApiKeyView,
  ChangeOrganization,
  CreateApiKey,
  CreatedApiKey,
  CreateOrganization,
  EndpointView,
  EndpointWithSecret,
  Environment,
  OrganizationView,
  ProvisionEndpoint,
  SigningSecretShown,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';
import type { PageOf } from './delivery.ts';
import { query, type Page } from './partner.ts';

/** A request as the caller writes it: fields with a default may be missing. */
type Input<T extends z.ZodType> = z.input<T>;

/**
 * The administration API, for the operator of the platform: organizations, their API keys and their endpoints. Every method throws
 * ApiError if the API refuses the request.
 */
export class OperatorClient {
  private readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, operatorKey: string) {
    this.api = new Api(url, operatorKey);
  }

  createOrganization(organization: Input<typeof CreateOrganization>): Promise<OrganizationView> {
    return this.api.call('/admin/v1/organizations', { method: 'POST', body: organization });
  }

  /** Changes the given fields of an organization. */
  changeOrganization(
    id: string,
    changes: Input<typeof ChangeOrganization>,
  ): Promise<OrganizationView> {
    return this.api.call(`/admin/v1/organizations/${id}`, { method: 'PATCH', body: changes });
  }

  /** Replaces the secret that signs callbacks. The response is the only place where the new secret is shown. */
  rotateCallbackSecret(id: string): Promise<SigningSecretShown> {
    return this.api.call(`/admin/v1/organizations/${id}/callback-secret`, { method: 'POST' });
  }

  /** Creates an API key. The response is the only place where the key is shown. */
  createApiKey(organizationId: string, key: Input<typeof CreateApiKey>): Promise<CreatedApiKey> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/api-keys`, {
      method: 'POST',
      body: key,
    });
  }

  apiKeys(organizationId: string, page: PageOf = {}): Promise<Page<ApiKeyView>> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/api-keys${query({ ...page })}`);
  }

  apiKey(organizationId: string, id: string): Promise<ApiKeyView> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/api-keys/${id}`);
  }

  /** Revokes an API key at once. */
  revokeApiKey(organizationId: string, id: string): Promise<void> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/api-keys/${id}`, {
      method: 'DELETE',
    });
  }

  endpoints(
    organizationId: string,
    page: PageOf & { environment?: Environment } = {},
  ): Promise<Page<EndpointView>> {
    return this.api.call(
      `/admin/v1/organizations/${organizationId}/endpoints${query({ ...page })}`,
    );
  }

  endpoint(organizationId: string, id: string): Promise<EndpointView> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/endpoints/${id}`);
  }

  /** Creates an endpoint for an organization, with options that only the operator may set. */
  provisionEndpoint(
    organizationId: string,
    endpoint: Input<typeof ProvisionEndpoint>,
  ): Promise<EndpointWithSecret> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/endpoints`, {
      method: 'POST',
      body: endpoint,
    });
  }
}
