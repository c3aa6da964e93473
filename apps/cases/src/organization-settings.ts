import type { Organization } from '@casewire/contracts';

import type { RuleSet } from './assessment/rule-set.ts';
import type { DecisionSettings } from './case/case-command.ts';

/** What decisions about cases depend on, by organization. */
export class OrganizationSettings {
  constructor(
    private readonly rules: RuleSet,
    private readonly stageTimeoutMs: number,
    private readonly organizations: { get(id: string): Organization | undefined },
  ) {}

  /** An organization that the registry does not have any more has no automatic reviews. */
  of(organizationId: string): DecisionSettings {
    const automaticReviews = this.organizations.get(organizationId)?.automaticReviews ?? false;
    return { rules: this.rules, stageTimeoutMs: this.stageTimeoutMs, automaticReviews };
  }
}
