import type { Environment } from '@casewire/contracts';

/** The organization and environment whose templates and orders are read. */
export interface Tenant {
  organizationId: string;
  environment: Environment;
}
