import { randomUUID } from 'node:crypto';

import type { CreateOrganization, Organization, OrganizationView } from '@casewire/contracts';
import { fingerprint, notFound, pageOf } from '@casewire/service';
import type { PoolClient } from 'pg';

import { organizations, type Registry, type StoredOrganization } from '../publication/registry.ts';

export class OrganizationsService {
  constructor(
    private readonly registry: Registry,
    private readonly now: () => Date,
  ) {}

  create(command: CreateOrganization, key: string | undefined): Promise<OrganizationView> {
    const print = fingerprint('POST organizations', JSON.stringify(command));
    return this.registry.changeOnce(
      { owner: 'operator', key, fingerprint: print },
      async (client) => {
        const organization = { id: randomUUID(), ...command, createdAt: this.now().toISOString() };
        await organizations.create(client, organization.id, organization);
        return organization;
      },
    );
  }

  async getAll(limit: number, after: string | undefined) {
    const found = await organizations.list(this.registry.pool, null, limit, after);
    return pageOf(found, limit, ({ id }) => id, view);
  }

  async get(id: string): Promise<OrganizationView> {
    const found = await organizations.get(this.registry.pool, id);
    if (!found) throw notFound('organization');
    return view(found);
  }
}

/** Holds the organization, so that what is counted below it stays as it is until the transaction ends. */
export async function holdOrganization(
  client: PoolClient,
  id: string,
): Promise<StoredOrganization> {
  const found = await organizations.hold(client, id);
  if (!found) throw notFound('organization');
  return found;
}

const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...organization
}: StoredOrganization & Partial<Organization>): OrganizationView => organization;
