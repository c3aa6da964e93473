import { actorOf, type Principal, type Sealer } from '@casewire/auth';
import type { Actor } from '@casewire/contracts';
import { actOnce, postRequest, type IsAbout, type PostRequest } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { DecisionContext } from '../case/case-command.ts';
import type { OrganizationSettings } from '../organization-settings.ts';
import { findCase } from '../reading/find-case.ts';
import type { Wakeable } from '../submission/submission.service.ts';
import { apiErrorOf } from './refused-command.ts';

/** What an action needs for its commands. */
export interface ActionContext extends DecisionContext {
  by: Actor;
  isAbout: IsAbout;
}

/** Carries out requests that change a case, each once per Idempotency-Key and in one transaction. */
export class CaseActions {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
    private readonly relay: Wakeable,
    private readonly settings: OrganizationSettings,
    private readonly now: () => Date,
  ) {}

  /**
   * @param work runs in the transaction; what it returns is the response
   * @throws ApiError for a command that the case refuses: 409 that says what is allowed, 400 that names the field, 404
   */
  async run<T>(
    principal: Principal,
    request: PostRequest,
    work: (client: PoolClient, context: ActionContext) => Promise<T>,
  ): Promise<T> {
    const { organizationId, environment } = principal;
    const post = postRequest(`${organizationId}/${environment}`, request);
    const by = actorOf(principal);
    const now = this.now();
    const settings = this.settings.of(organizationId);
    try {
      const response = await actOnce(this.pool, post, this.sealer, (client, isAbout) =>
        work(client, { by, now, settings, isAbout }),
      );
      this.relay.wake();
      return response;
    } catch (error) {
      throw apiErrorOf(error);
    }
  }

  /** The same for a case of the tenant. @throws ApiError 404 for a case of another tenant, or one that was deleted */
  runOn<T>(
    principal: Principal,
    caseId: string,
    request: PostRequest,
    work: (client: PoolClient, context: ActionContext) => Promise<T>,
  ): Promise<T> {
    return this.run(principal, request, async (client, context) => {
      await findCase(client, principal, caseId);
      await context.isAbout(caseId);
      return work(client, context);
    });
  }
}
