import type {
  ChangeEventType,
  ChangeEventTypeStatus,
  CreateEventTypeVersion,
  EventTypeQuery,
  EventTypeView,
  RegisterEventType,
  SchemaDiff,
  SchemaRevision,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';
import type { Page } from './partner.ts';

const path = (name: string, ...rest: (string | number)[]): string =>
  ['/catalog/v1/event-types', encodeURIComponent(name), ...rest].join('/');

/** An internal team: its event types in the catalog. */
export class TeamClient {
  readonly api: Api;

  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  register(
    type: z.input<typeof RegisterEventType>,
    idempotencyKey?: string,
  ): Promise<EventTypeView> {
    return this.api.call('/catalog/v1/event-types', {
      method: 'POST',
      body: type,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  createVersion(
    name: string,
    version: z.input<typeof CreateEventTypeVersion>,
    idempotencyKey?: string,
  ): Promise<EventTypeView> {
    return this.api.call(path(name, 'versions'), {
      method: 'POST',
      body: version,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  change(name: string, version: number, changes: ChangeEventType): Promise<EventTypeView> {
    return this.api.call(path(name, version), { method: 'PUT', body: changes });
  }

  changeStatus(
    name: string,
    version: number,
    status: ChangeEventTypeStatus['status'],
  ): Promise<EventTypeView> {
    return this.api.call(path(name, version), { method: 'PATCH', body: { status } });
  }

  eventTypes(query: Partial<EventTypeQuery> = {}): Promise<Page<EventTypeView>> {
    const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
    const search = new URLSearchParams(given as [string, string][]);
    return this.api.call(`/catalog/v1/event-types?${search.toString()}`);
  }

  eventType(name: string, version: number): Promise<EventTypeView> {
    return this.api.call(path(name, version));
  }

  versions(name: string): Promise<{ items: EventTypeView[] }> {
    return this.api.call(path(name, 'versions'));
  }

  /** The schemas that a version had, the first one first. */
  schemas(name: string, version: number): Promise<{ items: SchemaRevision[] }> {
    return this.api.call(path(name, version, 'schemas'));
  }

  diff(name: string, from: number, to: number): Promise<SchemaDiff> {
    return this.api.call(`${path(name, 'diff')}?from=${from}&to=${to}`);
  }
}
