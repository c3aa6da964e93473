import { apiKeyHmac, mintApiKey } from '@casewire/auth';
import type { ApiKey, ApiKeyView, CreateApiKey, CreatedApiKey } from '@casewire/contracts';
import { fingerprint, notFound, pageOf } from '@casewire/service';

import { findOrganization, lockOrganization } from '../organizations/organizations.service.ts';
import { apiKeys, type Registry } from '../publication/registry.ts';

export class ApiKeysService {
  constructor(
    private readonly registry: Registry,
    private readonly pepper: Uint8Array,
    private readonly now: () => Date,
  ) {}

  /** Creates a key. Only this response contains it; it is sent after the key's record was published. */
  create(
    organizationId: string,
    command: CreateApiKey,
    key: string | undefined,
  ): Promise<CreatedApiKey> {
    const print = fingerprint('POST api-keys', organizationId, JSON.stringify(command));
    return this.registry.changeOnce(
      { caller: 'operator', key, fingerprint: print },
      async (client) => {
        await lockOrganization(client, organizationId);
        const minted = mintApiKey(command.environment);
        const fields = {
          id: minted.id,
          organizationId,
          ...command,
          createdAt: this.now().toISOString(),
        };
        await apiKeys.create(client, minted.id, {
          ...fields,
          hmac: apiKeyHmac(minted.secret, this.pepper),
        });
        return { ...fields, key: minted.key };
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

/** Fields that records of earlier versions do not have. */
const defaults = { name: null };

/** The key's record without the HMAC and the fields of its publication. */
const view = ({
  hmac: _hmac,
  revision: _revision,
  deletedAt: _deletedAt,
  ...key
}: ApiKey): ApiKeyView => ({ ...defaults, ...key });
