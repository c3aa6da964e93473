import type {
  Assessment,
  BlobReference,
  DocumentType,
  Feature,
  RunStatus,
  Stage,
  StageFailure,
  StageView,
  UploadView,
} from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import type { StoredDocument } from '../case/case-domain-event.ts';
import { requestedStages } from '../case/case-state.ts';

interface UploadRow {
  id: string;
  document: StoredDocument;
  classify: boolean;
  features: Feature[];
  received_at: Date;
  target_language: string;
  document_type: DocumentType | null;
  assessment: Assessment | null;
  assessed_at: Date | null;
  extraction_version: number | null;
  file_name: string | null;
  archive: string | null;
  runs: RunRow[] | null;
}

interface RunRow {
  stage: Stage;
  run: number;
  status: RunStatus;
  finished_at: string | null;
  failure: StageFailure | null;
  result: BlobReference | null;
}

/** An upload with its document, and with the current run of every stage that was requested. */
export interface StoredUpload extends Omit<UploadView, 'mediaType' | 'size' | 'pages' | 'stages'> {
  document: StoredDocument;
  stages: StoredStage[];
}

export type StoredStage = StageView & { result: BlobReference | null };

/** The uploads of a case, in the order in which they were received. */
export async function uploadsOf(
  db: Pick<Pool | PoolClient, 'query'>,
  caseId: string,
): Promise<StoredUpload[]> {
  const { rows } = await db.query<UploadRow>(
    `select u.id, u.document, u.classify, u.features, u.received_at, u.target_language, u.document_type, u.assessment,
       u.assessed_at, u.extraction_version, p.file_name, p.archive,
       (select jsonb_agg(jsonb_build_object('stage', r.stage, 'run', r.run, 'status', r.status, 'failure', r.failure,
          'result', r.result, 'finished_at', r.finished_at)) from run_view r where r.upload_id = u.id and r.current) as runs
     from upload_view u left join upload_private p on p.upload_id = u.id
     where u.case_id = $1 order by u.position`,
    [caseId],
  );
  return rows.map(storedUpload);
}

const storedUpload = (row: UploadRow): StoredUpload => ({
  id: row.id,
  fileName: row.file_name ?? '',
  document: row.document,
  classify: row.classify,
  features: row.features,
  targetLanguage: row.target_language,
  archive: row.archive,
  receivedAt: row.received_at.toISOString(),
  documentType: row.document_type,
  assessment:
    row.assessment && row.assessed_at
      ? { ...row.assessment, assessedAt: row.assessed_at.toISOString() }
      : null,
  extractionVersion: row.extraction_version,
  stages: stagesOf(row),
});

function stagesOf(row: UploadRow): StoredStage[] {
  return requestedStages(row).map((stage) => {
    const run = row.runs?.find((one) => one.stage === stage);
    return {
      stage,
      status: run?.status ?? 'pending',
      run: run?.run ?? 1,
      finishedAt: run?.finished_at ? new Date(run.finished_at).toISOString() : null,
      failure: run?.failure ?? null,
      result: run?.result ?? null,
    };
  });
}

/** An upload as the API shows it. */
export const uploadView = ({ document, stages, ...upload }: StoredUpload): UploadView => ({
  ...upload,
  mediaType: document.mediaType,
  size: document.size,
  pages: document.pages,
  stages: stages.map(({ stage, status, run, finishedAt, failure }) => ({
    stage,
    status,
    run,
    finishedAt,
    failure,
  })),
});
