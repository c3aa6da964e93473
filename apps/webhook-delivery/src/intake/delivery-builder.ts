import type { Sealer } from '@casewire/auth';
import type { DialectName, Endpoint, Organization } from '@casewire/contracts';
import { dialects, encodeBody, fixedHeaders } from '@casewire/webhooks';

import type { IncomingEvent } from '../model/incoming-event.ts';
import type { DeliveryDestination, NewDelivery, PinnedRequest } from '../model/lane-store.ts';
import { callbackOf } from './callbacks.ts';
import { isOn, wantedVersion } from './matching.ts';
import type { AtVersion, VersionConverter } from './version-converter.ts';

/** Where an event goes, at which version. */
interface Match {
  destination: DeliveryDestination;
  dialect: DialectName;
  version: number;
}

/** Makes of an event what is to be delivered of it, and where to. */
export class DeliveryBuilder {
  constructor(
    private readonly versions: VersionConverter,
    private readonly sealer: Pick<Sealer, 'seal'>,
  ) {}

  /** @param endpoints of the event's organization */
  async of(
    event: IncomingEvent,
    organization: Organization,
    endpoints: Iterable<Endpoint>,
  ): Promise<NewDelivery[]> {
    const matches = this.matchesOf(event, organization, endpoints);
    if (matches.every(({ version }) => version === event.version))
      return matches.map((match) => delivery(match, event, { data: event.data }));
    const at = await this.versions.of(event, new Set(matches.map(({ version }) => version)));
    return matches.map((match) => delivery(match, event, at.get(match.version)!));
  }

  private matchesOf(
    event: IncomingEvent,
    organization: Organization,
    endpoints: Iterable<Endpoint>,
  ): Match[] {
    const matches: Match[] = [];
    const callback = callbackOf(event, organization, this.sealer);
    if (callback && isOn(event, organization, callback.dialect)) {
      const { dialect } = callback;
      matches.push({ destination: { callback }, dialect, version: event.version });
    }
    if (event.eventType.callback === 'instead') return matches;
    for (const endpoint of endpoints) {
      const version = wantedVersion(endpoint, event);
      if (version === null || !isOn(event, organization, endpoint.dialect)) continue;
      matches.push({ destination: { endpoint }, dialect: endpoint.dialect, version });
    }
    return matches;
  }
}

const delivery = (
  { destination, dialect, version }: Match,
  event: IncomingEvent,
  at: AtVersion,
): NewDelivery => ({
  destination,
  ...('fault' in at
    ? // It is given up when its turn comes; so that it can be looked at, its body says nothing.
      { dialect, version, headers: {}, body: Buffer.alloc(0), fault: at.fault }
    : pin(dialect, { ...event, version, data: at.data }, destination)),
});

/** What is sent, as it is pinned when the event is taken in: retries send the same bytes. */
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
