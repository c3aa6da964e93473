import type { Principal } from '@casewire/auth';
import type { Actor } from '@casewire/contracts';

/** Who sends a request: its API key, until people sign in. */
export const actorOf = ({ keyId, keyName }: Pick<Principal, 'keyId' | 'keyName'>): Actor => ({
  type: 'api_key',
  id: keyId,
  name: keyName,
});
