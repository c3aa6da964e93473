import type { Principal } from '@casewire/auth';
import {
  type CreateTemplate,
  type OrderTemplate,
  type PageQuery,
  type TemplateContent,
  TemplateId,
  type TemplateQuery,
} from '@casewire/contracts';
import { ApiError, decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { OrderActions } from '../actions/order-actions.ts';
import type { Tenant } from '../reading/tenant.ts';
import { PlatformTemplates } from './platform-templates.ts';
import { findTemplate, insertTemplate, listTemplates, lockTemplate } from './template.query.ts';

/** Templates of orders: the platform's, and those of organizations. */
export class TemplatesService {
  constructor(
    private readonly pool: Pool,
    private readonly platform: PlatformTemplates,
    private readonly actions: OrderActions,
  ) {}

  /** The latest version of each template: first those of the platform, then the tenant's own, each by id. */
  async getAll(
    tenant: Tenant,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: OrderTemplate[]; next: string | null }> {
    const after = cursor === undefined ? '' : decodeCursor(TemplateId, cursor);
    const inPlatform = after === '' || PlatformTemplates.has(after);
    const platform = inPlatform ? this.platform.latestAfter(after) : [];
    const own = await listTemplates(this.pool, tenant, limit, inPlatform ? '' : after);
    return pageOf(
      [...platform, ...own],
      limit,
      ({ id }) => id,
      (one) => one,
    );
  }

  /** A version of a template, the latest by default. @throws ApiError 404 */
  async get(tenant: Tenant, id: string, { version }: TemplateQuery): Promise<OrderTemplate> {
    const found = await this.find(this.pool, tenant, id, version);
    if (!found) throw notFound('template');
    return found;
  }

  /** The same; undefined if there is none. */
  async find(
    db: Pick<PoolClient, 'query'>,
    tenant: Tenant,
    id: string,
    version?: number,
  ): Promise<OrderTemplate | undefined> {
    if (PlatformTemplates.has(id)) return this.platform.get(id, version);
    return findTemplate(db, tenant, id, version);
  }

  /** Stores a new template as version 1. @throws ApiError 409 TEMPLATE_EXISTS */
  create(
    principal: Principal,
    command: CreateTemplate,
    key: string | undefined,
  ): Promise<OrderTemplate> {
    const request = { key, route: 'POST templates', body: command };
    return this.actions.run(principal, request, async (client, stored) => {
      const template = { ...command, version: 1 };
      if (await insertTemplate(client, principal, template, stored)) return template;
      const detail = 'a template with this id exists: add a version to it, or choose another id';
      throw new ApiError(409, 'TEMPLATE_EXISTS', detail, [
        { field: 'id', rule: 'must not be the id of another template' },
      ]);
    });
  }

  /** Stores the next version of a template. @throws ApiError 404 */
  addVersion(
    principal: Principal,
    id: string,
    content: TemplateContent,
    key: string | undefined,
  ): Promise<OrderTemplate> {
    const request = { key, route: `POST templates/${id}/versions`, body: content };
    return this.actions.run(principal, request, async (client, stored) => {
      if (!(await lockTemplate(client, principal, id))) throw notFound('template');
      const latest = (await findTemplate(client, principal, id))!;
      const template = { id, ...content, version: latest.version + 1 };
      await insertTemplate(client, principal, template, stored);
      return template;
    });
  }
}
