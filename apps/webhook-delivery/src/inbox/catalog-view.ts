import { eventTypeKey, type EventType } from '@casewire/contracts';
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import type { Catalog } from './incoming-event.ts';

interface Types {
  entries(): Iterable<[string, EventType]>;
  get(key: string): EventType | undefined;
}

/** The catalog, as its topic has it; schemas are compiled once per revision. */
export class CatalogView implements Catalog {
  private readonly validators = new Map<string, { revision: number; validate: ValidateFunction }>();

  constructor(private readonly types: Types) {}

  find(name: string, version: number | undefined): EventType | undefined {
    if (version !== undefined) return active(this.types.get(eventTypeKey(name, version)));
    let latest: EventType | undefined;
    for (const [, type] of this.types.entries()) {
      if (type.name === name && active(type) && type.version > (latest?.version ?? 0))
        latest = type;
    }
    return latest;
  }

  faultOf(type: EventType, data: unknown): string | null {
    const validate = this.validatorOf(type);
    if (validate(data)) return null;
    const [first] = validate.errors ?? [];
    return `${first?.instancePath || '/'} ${first?.message ?? 'does not follow the schema'}`;
  }

  private validatorOf(type: EventType): ValidateFunction {
    const key = eventTypeKey(type.name, type.version);
    const known = this.validators.get(key);
    if (known?.revision === type.revision) return known.validate;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(type.schema);
    this.validators.set(key, { revision: type.revision, validate });
    return validate;
  }
}

const active = (type: EventType | undefined): EventType | undefined =>
  type?.status === 'active' || type?.status === 'deprecated' ? type : undefined;
