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

/** What schemas let a caller leave out. */
type Given<T extends z.ZodType> = z.input<T>;

/** The platform's operator: organizations, their keys, their provisioned endpoints. */
export class OperatorClient {
  private readonly api: Api;

  constructor(url: string, operatorKey: string) {
    this.api = new Api(url, operatorKey);
  }

  createOrganization(organization: Given<typeof CreateOrganization>): Promise<OrganizationView> {
    return this.api.call('/admin/v1/organizations', { method: 'POST', body: organization });
  }

  changeOrganization(
    id: string,
    changes: Given<typeof ChangeOrganization>,
  ): Promise<OrganizationView> {
    return this.api.call(`/admin/v1/organizations/${id}`, { method: 'PATCH', body: changes });
  }

  rotateCallbackSecret(id: string): Promise<SigningSecretShown> {
    return this.api.call(`/admin/v1/organizations/${id}/callback-secret`, { method: 'POST' });
  }

  createApiKey(organizationId: string, key: Given<typeof CreateApiKey>): Promise<CreatedApiKey> {
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

  provisionEndpoint(
    organizationId: string,
    endpoint: Given<typeof ProvisionEndpoint>,
  ): Promise<EndpointWithSecret> {
    return this.api.call(`/admin/v1/organizations/${organizationId}/endpoints`, {
      method: 'POST',
      body: endpoint,
    });
  }
}
