import type { Actor, OrderTemplate, TemplateContent } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../reading/tenant.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

interface TemplateRow {
  id: string;
  version: number;
  content: TemplateContent;
}

const templateOf = ({ id, version, content }: TemplateRow): OrderTemplate => ({
  id,
  version,
  ...content,
});

/** Who stored a version of a template, and when. */
export interface Stored {
  by: Actor;
  now: Date;
}

/** Stores a version of a template. @returns false if this version exists */
export async function insertTemplate(
  client: Queryable,
  { organizationId, environment }: Tenant,
  { id, version, ...content }: OrderTemplate,
  { by, now }: Stored,
): Promise<boolean> {
  const { rowCount } = await client.query(
    named(
      `insert into template (organization_id, environment, id, version, content, created_by, created_at)
       values (:organizationId, :environment, :id, :version, :content, :by, :now) on conflict do nothing`,
      {
        organizationId,
        environment,
        id,
        version,
        content: JSON.stringify(content),
        by: JSON.stringify(by),
        now,
      },
    ),
  );
  return rowCount === 1;
}

/** Locks a template until the transaction ends: its next version is added by one transaction at a time. @returns false if there is none */
export async function lockTemplate(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  id: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from template where organization_id = $1 and environment = $2 and id = $3 and version = 1 for update`,
    [organizationId, environment, id],
  );
  return rowCount === 1;
}

/** A version of the tenant's own template, the latest by default; undefined if there is none. */
export async function findTemplate(
  db: Queryable,
  { organizationId, environment }: Tenant,
  id: string,
  version?: number,
): Promise<OrderTemplate | undefined> {
  const { rows } = await db.query<TemplateRow>(
    named(
      `select id, version, content from template
       where organization_id = :organizationId and environment = :environment and id = :id
         and (:version::int is null or version = :version)
       order by version desc limit 1`,
      { organizationId, environment, id, version },
    ),
  );
  return rows[0] && templateOf(rows[0]);
}

/** The latest versions of the tenant's own templates after an id, by id. Returns one more than the limit if there are more. */
export async function listTemplates(
  db: Queryable,
  { organizationId, environment }: Tenant,
  limit: number,
  after: string,
): Promise<OrderTemplate[]> {
  const { rows } = await db.query<TemplateRow>(
    named(
      `select distinct on (id) id, version, content from template
       where organization_id = :organizationId and environment = :environment and id > :after
       order by id, version desc limit :rows`,
      { organizationId, environment, after, rows: limit + 1 },
    ),
  );
  return rows.map(templateOf);
}
