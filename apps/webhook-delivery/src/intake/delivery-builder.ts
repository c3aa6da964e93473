import type { Sealer } from '@casewire/auth';
import type { DialectName, Endpoint, Organization } from '@casewire/contracts';
import { dialects, encodeBody, fixedHeaders } from '@casewire/webhooks';

import type { IncomingEvent } from '../model/incoming-event.ts';
import type { DeliveryDestination, NewDelivery, PinnedRequest } from '../model/lane-store.ts';
import { matchCallback } from './match-callback.ts';
import { isTurnedOn, subscribedVersion } from './matching.ts';
import type { VersionedData, VersionConverter } from './version-converter.ts';

/** A destination of an event, with the dialect and version that it gets. */
interface Match {
  destination: DeliveryDestination;
  dialect: DialectName;
  version: number;
}

/** Builds the deliveries of an event, one for each destination that matches. */
export class DeliveryBuilder {
  constructor(
    private readonly versions: VersionConverter,
    private readonly sealer: Pick<Sealer, 'seal'>,
  ) {}

  /** @param endpoints the endpoints of the event's organization */
  async build(
    event: IncomingEvent,
    organization: Organization,
    endpoints: Iterable<Endpoint>,
  ): Promise<NewDelivery[]> {
    const matches = this.match(event, organization, endpoints);
    if (matches.every(({ version }) => version === event.version))
      return matches.map((match) => newDelivery(match, event, { data: event.data }));
    const versions = await this.versions.convert(
      event,
      new Set(matches.map(({ version }) => version)),
    );
    return matches.map((match) => newDelivery(match, event, versions.get(match.version)!));
  }

  private match(
    event: IncomingEvent,
    organization: Organization,
    endpoints: Iterable<Endpoint>,
  ): Match[] {
    const matches: Match[] = [];
    const callback = matchCallback(event, organization, this.sealer);
    if (callback && isTurnedOn(event, organization, callback.dialect)) {
      const { dialect } = callback;
      matches.push({ destination: { callback }, dialect, version: event.version });
    }
    if (event.eventType.callback === 'instead') return matches;
    for (const endpoint of endpoints) {
      const version = subscribedVersion(endpoint, event);
      if (version === null || !isTurnedOn(event, organization, endpoint.dialect)) continue;
      matches.push({ destination: { endpoint }, dialect: endpoint.dialect, version });
    }
    return matches;
  }
}

const newDelivery = (
  { destination, dialect, version }: Match,
  event: IncomingEvent,
  versioned: VersionedData,
): NewDelivery => ({
  destination,
  ...('fault' in versioned
    ? // It is exhausted when its turn comes. It is stored so that it can be listed, with an empty body.
      { dialect, version, headers: {}, body: Buffer.alloc(0), fault: versioned.fault }
    : pin(dialect, { ...event, version, data: versioned.data }, destination)),
});

/** The request of a delivery, pinned when the event is ingested: retries send the same bytes. */
export function pin(
  name: DialectName,
  event: IncomingEvent,
  destination: DeliveryDestination,
): PinnedRequest {
  const dialect = dialects[name];
  const endpointId = 'endpoint' in destination ? destination.endpoint.id : null;
  return {
    dialect: name,
    version: event.version,
    headers: fixedHeaders(dialect, event),
    body: encodeBody(dialect, event, { endpointId }),
    fault: null,
  };
}
