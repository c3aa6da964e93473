import type { CaseResult, CaseStatus, CaseSummary } from '@casewire/contracts';
import { named, sqlTime } from '@casewire/service';
import type { Pool } from 'pg';

import { caseColumns, caseSummary, type CaseRow, type Tenant } from './case-view.query.ts';

/** Which cases to list; a condition that is missing is ignored. */
export interface CaseFilter {
  status?: CaseStatus | undefined;
  result?: CaseResult | undefined;
  reference?: string | undefined;
  /** The case's own id and its external id: together they select one case at most. */
  caseId?: string | undefined;
  externalId?: string | undefined;
  /** Submitted for this verification. */
  verificationId?: string | undefined;
  /** Submitted at this time or later. */
  from?: string | undefined;
  /** Submitted before this time. */
  to?: string | undefined;
}

export interface CasePosition {
  submittedAt: string;
  id: string;
}

/** The tenant's cases after a position, newest first. Returns one more than the limit if there are more. */
export async function caseList(
  pool: Pick<Pool, 'query'>,
  { organizationId, environment }: Tenant,
  filter: CaseFilter,
  limit: number,
  after?: CasePosition,
): Promise<CaseSummary[]> {
  const { rows } = await pool.query<CaseRow>(
    named(
      // A null parameter means no condition, at no cost: the plan is made with the values.
      `select ${caseColumns} from case_view v left join case_private p on p.case_id = v.id
       where v.organization_id = :organizationId and v.environment = :environment and v.status <> 'deleted'
         and (:status::text is null or v.status = :status)
         and (:result::text is null or v.result = :result)
         and (:caseId::uuid is null or v.id = :caseId)
         and (:externalId::text is null or p.external_id = :externalId)
         and (:reference::text is null or p.reference = :reference)
         and (:verificationId::uuid is null or v.verification_id = :verificationId)
         and (:from::timestamptz is null or v.submitted_at >= :from)
         and (:to::timestamptz is null or v.submitted_at < :to)
         and (:submittedAt::timestamptz is null or (v.submitted_at, v.id) < (:submittedAt, :id::uuid))
       order by v.submitted_at desc, v.id desc limit :limit`,
      {
        organizationId,
        environment,
        status: filter.status,
        result: filter.result,
        caseId: filter.caseId,
        externalId: filter.externalId,
        reference: filter.reference,
        verificationId: filter.verificationId,
        from: sqlTime(filter.from),
        to: sqlTime(filter.to),
        submittedAt: sqlTime(after?.submittedAt),
        id: after?.id,
        limit: limit + 1,
      },
    ),
  );
  return rows.map(caseSummary);
}
