import { notFound } from '@casewire/service';
import type { Pool } from 'pg';

import { stateOf } from '../event-types/event-type-store.ts';
import { asyncApi } from './asyncapi.ts';
import { eventPage, llmsTxt, summaryPage } from './markdown.ts';
import { publishedTypes, type PublishedType } from './published-type.ts';
import { referencePage } from './reference-page.ts';
import { webhooksOpenApi } from './webhooks-openapi.ts';

const makers = {
  reference: referencePage,
  llms: llmsTxt,
  summary: summaryPage,
  asyncapi: (types: readonly PublishedType[]) => JSON.stringify(asyncApi(types)),
  webhooks: (types: readonly PublishedType[]) => JSON.stringify(webhooksOpenApi(types)),
};
export type PageName = keyof typeof makers;

/** The public pages: made of the catalog, and made anew when it has changed. */
export class Pages {
  private state = '';
  private types: PublishedType[] = [];
  private readonly made = new Map<PageName, string>();

  constructor(private readonly pool: Pool) {}

  async page(name: PageName): Promise<string> {
    await this.follow();
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const page = makers[name](this.types);
    this.made.set(name, page);
    return page;
  }

  /** @throws Refusal 404 for what is not public, as for what is not there */
  async event(name: string): Promise<string> {
    await this.follow();
    const type = this.types.find((one) => one.name === name);
    if (!type) throw notFound('event type');
    return eventPage(type);
  }

  private async follow(): Promise<void> {
    // Read first: a change in between makes the pages again the next time.
    const state = await stateOf(this.pool);
    if (state === this.state) return;
    const types = await publishedTypes(this.pool);
    this.types = types;
    this.state = state;
    this.made.clear();
  }
}
