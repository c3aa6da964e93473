import type { Sealer } from '@casewire/auth';
import {
  callbackSecretContext,
  endpointSecretContext,
  type Endpoint,
  type Organization,
  type SigningSecret,
} from '@casewire/contracts';
import { z } from 'zod';

import { callbackUrlSealContext } from '../../model/callback-destination.ts';
import type { FailurePolicy } from '../../model/failure-policy.ts';
import type { ClaimedHead } from '../../model/lane-store.ts';
import type { Target } from '../../model/target.ts';
import type { HttpAgents } from '../egress/http-agents.ts';

interface View<T> {
  get(id: string): T | undefined;
}

export interface TargetSources {
  endpoints: View<Endpoint>;
  organizations: View<Organization>;
  secrets: View<SigningSecret>;
}

type DestinationOf = Pick<ClaimedHead, 'endpointId' | 'organizationId' | 'callback'>;

interface Credentials {
  secret: Buffer;
  previous: { secret: Buffer; until: Date } | null;
  token: string | null;
  headers: Record<string, string>;
}

const CustomHeaders = z.record(z.string(), z.string());

/** Builds the target of a delivery from the current registry: URL, credentials and HTTP agent. */
export class Targets {
  /** Opened credentials by the registry's record of the secret: after a rotation there is a new record. */
  private readonly opened = new WeakMap<SigningSecret, Credentials>();

  constructor(
    private readonly sources: TargetSources,
    private readonly sealer: Sealer,
    private readonly agents: HttpAgents,
    private readonly now: () => Date,
  ) {}

  /**
   * @returns undefined if the registry has no URL or no secret for it
   * @throws SealBroken if a secret or the callback URL cannot be opened
   */
  of({ endpointId, organizationId, callback }: DestinationOf): Target | undefined {
    const organization = this.sources.organizations.get(organizationId);
    if (!organization) return undefined;
    const http = this.agents.for(organization.egress);
    if (endpointId !== null) {
      const endpoint = this.sources.endpoints.get(endpointId);
      const credentials = this.credentialsOf(endpointId, endpointSecretContext(endpointId));
      return endpoint && credentials && { url: endpoint.url, ...credentials, http };
    }
    if (!callback || callback.sealedUrl === null) return undefined;
    const credentials = this.credentialsOf(organizationId, callbackSecretContext(organizationId));
    const url = this.sealer
      .open(callback.sealedUrl, callbackUrlSealContext(callback.hash))
      .toString();
    // Token and headers belong to endpoints; a callback URL has none.
    return credentials && { ...credentials, url, token: null, headers: {}, http };
  }

  /** The endpoint's failure policy; the default for a callback URL. */
  policyOf({ endpointId }: DestinationOf): FailurePolicy {
    const endpoint = endpointId === null ? undefined : this.sources.endpoints.get(endpointId);
    return {
      delays: endpoint?.retry?.delaySeconds.map((seconds) => seconds * 1000) ?? null,
      onExhausted: endpoint?.onExhausted ?? 'skip',
    };
  }

  /** The endpoint's configured requests per second; null: no limit. */
  rateOf({ endpointId }: DestinationOf): number | null {
    return endpointId === null
      ? null
      : (this.sources.endpoints.get(endpointId)?.ratePerSecond ?? null);
  }

  private credentialsOf(ownerId: string, sealContext: string) {
    const record = this.sources.secrets.get(ownerId);
    if (!record) return undefined;
    const known = this.opened.get(record) ?? this.open(record, sealContext);
    this.opened.set(record, known);
    const { secret, previous, token, headers } = known;
    const secrets = previous && previous.until > this.now() ? [secret, previous.secret] : [secret];
    return { secrets, token, headers };
  }

  private open(
    { sealed, previous, token, headers }: SigningSecret,
    sealContext: string,
  ): Credentials {
    const open = (one: string) => this.sealer.open(one, sealContext);
    return {
      secret: open(sealed),
      previous: previous && { secret: open(previous.sealed), until: new Date(previous.until) },
      token: token && open(token).toString(),
      headers: headers ? CustomHeaders.parse(JSON.parse(open(headers).toString())) : {},
    };
  }
}
