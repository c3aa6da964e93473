import type { EventLog, OutgoingRecord } from '@casewire/event-log';
import { Relay, translateByStream } from '@casewire/event-sourcing';
import type { Logger } from '@casewire/telemetry';
import type { Client, Pool } from 'pg';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';
import { recordsOf, type CaseContext, type ReviewTexts } from './case-records.ts';

interface ContextRow {
  id: string;
  organization_id: string;
  environment: CaseContext['environment'];
  external_id: string | null;
  reference: string | null;
  correlation_id: string | null;
  callback_url: string | null;
  uploads: DomainEventOf<'UploadReceived'>[] | null;
  reviews: ({ id: string } & ReviewTexts)[] | null;
}

const contextsSql = `
  select v.id, v.organization_id, v.environment, p.external_id, p.reference, p.correlation_id, p.callback_url,
    (select jsonb_agg(e.data) from domain_event e where e.stream_id = v.id and e.type = 'UploadReceived') as uploads,
    (select jsonb_agg(jsonb_build_object('id', r.review_id, 'reason', r.reason, 'request', r.request))
       from review_private r where r.case_id = v.id) as reviews
  from case_view v left join case_private p on p.case_id = v.id
  where v.id = any($1)`;

/** Publishes the domain events of cases: requests to the stages' topics, events for subscribers to events.casewire. */
export function caseRelay(
  databaseUrl: string,
  log: EventLog,
  logger: Logger,
): Relay<CaseDomainEvent, OutgoingRecord> {
  return new Relay<CaseDomainEvent, OutgoingRecord>({
    databaseUrl,
    logger,
    translate: translateByStream(contextsOf, recordsOf),
    publish: (records) => log.send(records),
  });
}

/** What the records of these cases need in addition to their domain events, by case. */
export async function contextsOf(
  db: Pick<Client | Pool, 'query'>,
  caseIds: readonly string[],
): Promise<Map<string, CaseContext>> {
  const { rows } = await db.query<ContextRow>({
    name: 'case-contexts',
    text: contextsSql,
    values: [caseIds],
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        organizationId: row.organization_id,
        environment: row.environment,
        externalId: row.external_id,
        reference: row.reference,
        correlationId: row.correlation_id,
        callbackUrl: row.callback_url,
        uploads: new Map((row.uploads ?? []).map((upload) => [upload.uploadId, upload])),
        reviews: new Map((row.reviews ?? []).map(({ id, ...texts }) => [id, texts])),
      },
    ]),
  );
}
