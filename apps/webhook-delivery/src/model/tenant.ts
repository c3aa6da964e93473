/** An organization in one environment: the unit to which endpoints, deliveries and replays belong. */
export interface Tenant {
  organizationId: string;
  environment: string;
}
