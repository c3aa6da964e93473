import type { ApiKey, Environment, Organization, Scope } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

import { apiKeyMatches, parseApiKey } from './api-key.ts';

/** The authenticated sender of a request: its API key and the organization of the key. */
export interface Principal {
  keyId: string;
  /** The name of the key; null if it has none. */
  keyName: string | null;
  organizationId: string;
  organization: Organization;
  environment: Environment;
  scopes: readonly Scope[];
}

/** A view of reference data, as the authenticator needs it. */
export interface View<T> {
  get(key: string): T | undefined;
  catchUp(options?: { timeoutMs?: number }): Promise<bigint>;
}

const unauthorized = () =>
  new ApiError(
    401,
    'UNAUTHORIZED',
    'a valid API key is required: x-api-key, or Authorization: Bearer',
    [],
    {
      'www-authenticate': 'Bearer',
    },
  );

/** Authenticates requests by the API keys of the registry. */
export class Authenticator {
  constructor(
    private readonly keys: View<ApiKey>,
    private readonly organizations: View<Organization>,
    private readonly pepper: Uint8Array,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * The principal of a key. An unknown key may be in the registry's topic already, so the view catches up with the topic,
   * for two seconds at most, before the key is refused.
   * @throws ApiError 401
   */
  async authenticate(key: string | undefined): Promise<Principal> {
    const parsed = key === undefined ? undefined : parseApiKey(key);
    if (!parsed) throw unauthorized();
    if (!this.keys.get(parsed.id))
      await this.keys.catchUp({ timeoutMs: 2000 }).catch(() => undefined);
    const known = this.keys.get(parsed.id);
    if (!known || known.environment !== parsed.environment) throw unauthorized();
    if (!apiKeyMatches(parsed.secret, known.hmac, this.pepper)) throw unauthorized();
    if (known.expiresAt !== null && new Date(known.expiresAt) <= this.now()) throw unauthorized();
    if (!this.organizations.get(known.organizationId)) {
      await this.organizations.catchUp({ timeoutMs: 2000 }).catch(() => undefined);
    }
    const organization = this.organizations.get(known.organizationId);
    if (!organization) throw unauthorized();
    const { id: keyId, name: keyName, organizationId, environment, scopes } = known;
    return { keyId, keyName, organizationId, organization, environment, scopes };
  }
}
