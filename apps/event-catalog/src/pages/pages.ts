import { notFound } from '@casewire/service';
import type { Pool } from 'pg';

import { catalogState } from '../event-types/event-type-store.ts';
import { asyncApi } from './asyncapi.ts';
import { eventPage, llmsTxt, summaryPage } from './markdown.ts';
import { publishedTypes, type PublishedType } from './published-type.ts';
import { referencePage } from './reference-page.ts';
import { webhooksOpenApi } from './webhooks-openapi.ts';

const renderers = {
  reference: referencePage,
  llms: llmsTxt,
  summary: summaryPage,
  asyncapi: (types: readonly PublishedType[]) => JSON.stringify(asyncApi(types)),
  webhooks: (types: readonly PublishedType[]) => JSON.stringify(webhooksOpenApi(types)),
};
export type PageName = keyof typeof renderers;

/** Renders the public pages from the catalog; a page is kept until the catalog changes. */
export class Pages {
  private state = '';
  private types: PublishedType[] = [];
  private readonly rendered = new Map<PageName, string>();

  constructor(private readonly pool: Pool) {}

  async page(name: PageName): Promise<string> {
    await this.refresh();
    const cached = this.rendered.get(name);
    if (cached !== undefined) return cached;
    const page = renderers[name](this.types);
    this.rendered.set(name, page);
    return page;
  }

  /** @throws ApiError 404 for a type that does not exist or is not public */
  async event(name: string): Promise<string> {
    await this.refresh();
    const type = this.types.find((one) => one.name === name);
    if (!type) throw notFound('event type');
    return eventPage(type);
  }

  private async refresh(): Promise<void> {
    // The state is read before the types: after a change in between the next request reads them again.
    const state = await catalogState(this.pool);
    if (state === this.state) return;
    const types = await publishedTypes(this.pool);
    this.types = types;
    this.state = state;
    this.rendered.clear();
  }
}
