import { ApiKey, Organization, Topics } from '@casewire/contracts';
import { ReferenceView, type EventLog } from '@casewire/event-log';

import { Authenticator } from './authenticator.ts';

/** Views of the registry's API keys and organizations, with the authenticator that uses them. */
export class KeyRegistry {
  readonly authenticator: Authenticator;
  readonly organizations: ReferenceView<Organization>;
  private readonly keys: ReferenceView<ApiKey>;

  constructor(log: EventLog, pepper: Uint8Array) {
    this.keys = new ReferenceView({
      log,
      topic: Topics.apiKeys,
      parse: (value) => ApiKey.parse(value),
    });
    this.organizations = new ReferenceView({
      log,
      topic: Topics.organizations,
      parse: (value) => Organization.parse(value),
    });
    this.authenticator = new Authenticator(this.keys, this.organizations, pepper);
  }

  /** Resolves when the views have everything that was published before the start. */
  async start(): Promise<void> {
    await Promise.all([this.keys.start(), this.organizations.start()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.keys.stop(), this.organizations.stop()]);
  }

  /** False while the topics cannot be read. */
  get healthy(): boolean {
    return this.keys.healthy && this.organizations.healthy;
  }
}
