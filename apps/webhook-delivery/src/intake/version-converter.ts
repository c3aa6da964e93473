import type { EventType } from '@casewire/contracts';
import type { Converter } from '@casewire/event-schemas';

import type { IncomingEvent } from '../model/incoming-event.ts';

/** The data of an event in a version, or why there is none. A fault begins with a stable code. */
export type VersionedData = { data: Record<string, unknown> } | { fault: string };

/** The part of the catalog that the conversion requires. */
interface Types {
  /** A version of a type, whatever its status. */
  version(name: string, version: number): EventType | undefined;
  /** The first violation of the type's schema; null if the data is valid. */
  faultOf(type: EventType, data: unknown): string | null;
}

/**
 * Converts an event's data to each subscribed version, step by step and once per version: an endpoint that subscribed to an
 * older version gets the payload of that version. Data cannot be converted to a newer version than the published one.
 */
export class VersionConverter {
  constructor(
    private readonly types: Types,
    private readonly converter: Pick<Converter, 'convert'>,
  ) {}

  /** @returns the published version and every requested one */
  async convert(
    event: IncomingEvent,
    requested: Iterable<number>,
  ): Promise<Map<number, VersionedData>> {
    const versions = new Map<number, VersionedData>([[event.version, { data: event.data }]]);
    const oldest = Math.min(event.version, ...requested);
    for (let version = event.version - 1; version >= oldest; version--)
      versions.set(
        version,
        await this.stepDown(event.type, version + 1, versions.get(version + 1)!),
      );
    for (const version of requested) {
      if (version <= event.version) continue;
      const why = `${event.type} was published in version ${event.version}, the subscription is to version ${version}`;
      versions.set(version, { fault: `EVENT_VERSION_TOO_OLD: ${why}` });
    }
    return versions;
  }

  /** @param from the version that is converted to the version before it */
  private async stepDown(name: string, from: number, above: VersionedData): Promise<VersionedData> {
    if ('fault' in above) return above;
    const failed = (why: string) => ({
      fault: `CONVERSION_FAILED: from version ${from} of ${name} to ${from - 1}: ${why}`.slice(
        0,
        500,
      ),
    });
    const expression = this.types.version(name, from)?.downConversion;
    const target = this.types.version(name, from - 1);
    if (!expression || !target) return failed('the catalog has no conversion');
    const converted = await this.converter.convert(expression, above.data as never);
    if (!converted.ok) return failed(converted.reason);
    const violation = this.types.faultOf(target, converted.data);
    if (violation !== null) return failed(`the converted data violates the schema: ${violation}`);
    return { data: converted.data as Record<string, unknown> };
  }
}
