import type { Actor } from '@casewire/contracts';

import type { Principal } from './authenticator.ts';

/** Who sends a request, as it is recorded with what the request changes: its API key, until people sign in. */
export const actorOf = ({ keyId, keyName }: Pick<Principal, 'keyId' | 'keyName'>): Actor => ({
  type: 'api_key',
  id: keyId,
  name: keyName,
});
