import { apiKeyHmac, mintApiKey } from '@casewire/auth';
import type { ApiKey, ApiKeyView, CreateApiKey, CreatedApiKey } from '@casewire/contracts';
import { fingerprint, notFound, pageOf } from '@casewire/service';

import { findOrganization, holdOrganization } from '../organizations/organizations.service.ts';
import { apiKeys, type Registry } from '../publication/registry.ts';

export class ApiKeysService {
  constructor(
    private readonly registry: Registry,
    private readonly pepper: Uint8Array,
    private readonly now: () => Date,
  ) {}

  /** A new key: shown in this answer, and never again. When it is given every service can know it. */
  create(
    organizationId: string,
    command: CreateApiKey,
    key: string | undefined,
  ): Promise<CreatedApiKey> {
    const print = fingerprint('POST api-keys', organizationId, JSON.stringify(command));
    return this.registry.changeOnce(
      { owner: 'operator', key, fingerprint: print },
      async (client) => {
        await holdOrganization(client, organizationId);
        const minted = mintApiKey(command.environment);
        const about = {
          id: minted.id,
          organizationId,
          ...command,
          createdAt: this.now().toISOString(),
        };
        await apiKeys.create(client, minted.id, {
          ...about,
          hmac: apiKeyHmac(minted.secret, this.pepper),
        });
        return { ...about, key: minted.key };
      },
    );
  }

  async getAll(organizationId: string, limit: number, after: string | undefined) {
    const { pool } = this.registry;
    await findOrganization(pool, organizationId);
    const found = await apiKeys.list(pool, organizationId, limit, after);
    return pageOf(found, limit, ({ id }) => id, view);
  }

  async get(organizationId: string, id: string): Promise<ApiKeyView> {
    const found = await apiKeys.get(this.registry.pool, id);
    if (found?.organizationId !== organizationId) throw notFound('API key');
    return view(found);
  }

  async revoke(organizationId: string, id: string): Promise<void> {
    await this.registry.change(async (client) => {
      const found = await apiKeys.lock(client, id);
      if (found?.organizationId !== organizationId) throw notFound('API key');
      await apiKeys.remove(client, id);
    });
  }
}

/** Without what the key is checked by, and what belongs to its publication. */
const view = ({
  hmac: _hmac,
  revision: _revision,
  deletedAt: _deletedAt,
  ...key
}: ApiKey): ApiKeyView => key;
