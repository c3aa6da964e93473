import { eventTypeKey, type EventType } from '@casewire/contracts';
import { compileSchema, type Validate } from '@casewire/event-schemas';

import type { Catalog } from '../model/reference-data.ts';

interface EventTypes {
  entries(): Iterable<[string, EventType]>;
  get(key: string): EventType | undefined;
  onChange(listener: () => void): unknown;
}

/** The event catalog in memory. Schemas are compiled once per revision. */
export class CatalogView implements Catalog {
  private readonly validators = new Map<string, { revision: number; validate: Validate }>();
  private readonly latest = new Map<string, EventType | undefined>();

  constructor(private readonly types: EventTypes) {
    types.onChange(() => this.latest.clear());
  }

  find(name: string, version: number | undefined): EventType | undefined {
    if (version !== undefined) return active(this.version(name, version));
    if (!this.latest.has(name)) {
      this.latest.set(
        name,
        this.latestMatching(name, (type) => active(type) !== undefined),
      );
    }
    return this.latest.get(name);
  }

  statusOf(name: string, version: number | undefined): EventType | undefined {
    if (version !== undefined) return this.version(name, version);
    return this.latestMatching(name, () => true);
  }

  version(name: string, version: number): EventType | undefined {
    return this.types.get(eventTypeKey(name, version));
  }

  faultOf(type: EventType, data: unknown): string | null {
    const fault = this.validatorOf(type)(data);
    return fault && `${fault.path || '/'} ${fault.reason}`;
  }

  private latestMatching(
    name: string,
    matches: (type: EventType) => boolean,
  ): EventType | undefined {
    let latest: EventType | undefined;
    for (const [, type] of this.types.entries()) {
      if (type.name === name && matches(type) && type.version > (latest?.version ?? 0))
        latest = type;
    }
    return latest;
  }

  private validatorOf(type: EventType): Validate {
    const key = eventTypeKey(type.name, type.version);
    const known = this.validators.get(key);
    if (known?.revision === type.revision) return known.validate;
    const validate = compileSchema(type.schema);
    this.validators.set(key, { revision: type.revision, validate });
    return validate;
  }
}

const active = (type: EventType | undefined): EventType | undefined =>
  type?.status === 'active' || type?.status === 'deprecated' ? type : undefined;
