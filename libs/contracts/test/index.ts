import type { Organization } from '../src/index.ts';

/** An organization as the registry publishes it: a partner with default settings. */
export const organizationFixture = (
  overrides: Partial<Organization> & Pick<Organization, 'id'>,
): Organization => ({
  name: 'Acme',
  kind: 'partner',
  team: null,
  features: [],
  audiences: ['partner'],
  eventsOff: [],
  callback: null,
  notificationEmail: null,
  egress: { allow: [], plainHttp: false },
  automaticReviews: false,
  revision: 1,
  deletedAt: null,
  ...overrides,
});
