import { randomUUID } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import type { CaseView, RefreshCase } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import type { ActionContext, CaseActions } from '../actions/case-actions.ts';
import type { CaseCommand } from '../case/case-command.ts';
import { execute } from '../case/case-repository.ts';
import { caseView } from '../reading/case-view.query.ts';

/** Ends, closes and refreshes cases. */
export class LifecycleService {
  constructor(private readonly actions: CaseActions) {}

  /** Cancels a case. A canceled case stays as it is. @throws ApiError 409 CASE_COMPLETED */
  cancel(principal: Principal, caseId: string, key: string | undefined): Promise<CaseView> {
    const request = { key, route: `POST cases/${caseId}/cancel` };
    return this.run(principal, caseId, request, (context) => ({ type: 'CancelCase', ...context }));
  }

  /** Ends the wait for further documents. @throws ApiError 409 ACTION_NOT_REQUIRED */
  close(principal: Principal, caseId: string, key: string | undefined): Promise<CaseView> {
    const request = { key, route: `POST cases/${caseId}/close` };
    return this.run(principal, caseId, request, (context) => ({ type: 'CloseAction', ...context }));
  }

  /** Runs stages again. @throws ApiError 409 while another refresh or a selected stage is under way */
  refresh(
    principal: Principal,
    caseId: string,
    selection: RefreshCase,
    key: string | undefined,
  ): Promise<CaseView> {
    const request = { key, route: `POST cases/${caseId}/refresh`, body: selection };
    return this.run(principal, caseId, request, (context) => ({
      type: 'RefreshCase',
      refreshId: randomUUID(),
      selection,
      ...context,
    }));
  }

  private run(
    principal: Principal,
    caseId: string,
    request: { key: string | undefined; route: string; body?: unknown },
    commandOf: (context: ActionContext) => CaseCommand,
  ): Promise<CaseView> {
    return this.actions.runOn(principal, caseId, request, async (client: PoolClient, context) => {
      await execute(client, caseId, commandOf(context));
      return (await caseView(client, principal, caseId))!;
    });
  }
}
