import type { EventType } from '@casewire/contracts';
import type { Converter } from '@casewire/event-schemas';

import type { IncomingEvent } from '../model/incoming-event.ts';

/** The data of an event at a version, or why there are none. A fault begins with a stable code. */
export type AtVersion = { data: Record<string, unknown> } | { fault: string };

/** What is needed of the catalog. */
interface Types {
  /** A version of a type, whatever its status. */
  version(name: string, version: number): EventType | undefined;
  /** What is wrong with the data, by the type's schema; null where nothing is. */
  faultOf(type: EventType, data: unknown): string | null;
}

/**
 * An event's data at each version that is wanted, converted step by step, once each: whoever subscribed to an older
 * version gets that version's payload. One that is published at an older version than is wanted cannot be made newer.
 */
export class VersionConverter {
  constructor(
    private readonly types: Types,
    private readonly converter: Pick<Converter, 'convert'>,
  ) {}

  async of(event: IncomingEvent, wanted: Iterable<number>): Promise<Map<number, AtVersion>> {
    const at = new Map<number, AtVersion>([[event.version, { data: event.data }]]);
    const oldest = Math.min(event.version, ...wanted);
    for (let version = event.version - 1; version >= oldest; version--)
      at.set(version, await this.stepDown(event.type, version + 1, at.get(version + 1)!));
    for (const version of wanted) {
      if (version <= event.version) continue;
      const why = `${event.type} was published at version ${event.version}, and ${version} is subscribed to`;
      at.set(version, { fault: `EVENT_VERSION_TOO_OLD: ${why}` });
    }
    return at;
  }

  /** @param from the version that is converted to the one before it */
  private async stepDown(name: string, from: number, above: AtVersion): Promise<AtVersion> {
    if ('fault' in above) return above;
    const failed = (why: string) => ({
      fault: `CONVERSION_FAILED: from version ${from} of ${name} to ${from - 1}: ${why}`.slice(
        0,
        500,
      ),
    });
    const expression = this.types.version(name, from)?.downConversion;
    const target = this.types.version(name, from - 1);
    if (!expression || !target) return failed('the catalog has none');
    const converted = await this.converter.convert(expression, above.data as never);
    if (!converted.ok) return failed(converted.reason);
    const wrong = this.types.faultOf(target, converted.data);
    if (wrong !== null) return failed(`what comes out does not follow the schema: ${wrong}`);
    return { data: converted.data as Record<string, unknown> };
  }
}
