import type { BlobStore } from '@casewire/blobs';
import type {
  BlobReference,
  CaseResults,
  CorrectedField,
  ExtractionResult,
  Stage,
  StageResults,
  UploadResult,
} from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { Pool } from 'pg';

import type { Tenant } from './case-view.query.ts';
import { extractionVersions, type VersionRow } from './extraction-version.query.ts';
import { corrected, correctionsUpTo } from './extraction-version.ts';
import { findCase, readingBlobs } from './find-case.ts';
import { uploadsOf, type StoredStage } from './upload-view.query.ts';

type Result = Omit<UploadResult, 'uploadId'>;

/** A result before its blob is read. */
interface StoredResult extends Omit<Result, 'result'> {
  blob: BlobReference | null;
  corrections: CorrectedField[][];
}

/** Reads the results of stages. They can be read before the event of their stage is published. */
export class ResultsService {
  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
  ) {}

  /** The results of one stage for each upload for which it was requested. @throws ApiError 404 */
  async getStage(tenant: Tenant, caseId: string, stage: Stage): Promise<StageResults> {
    await findCase(this.pool, tenant, caseId);
    const uploads = await this.uploadsWith(caseId, stage);
    return {
      caseId,
      stage,
      uploads: await this.read(tenant, caseId, uploads),
    };
  }

  /**
   * The extractions as a version had them; uploads that never had it are left out. The latest version by default.
   * @throws ApiError 404 NOT_FOUND, VERSION_UNKNOWN
   */
  async getExtraction(
    tenant: Tenant,
    caseId: string,
    version: number | undefined,
  ): Promise<StageResults> {
    if (version === undefined) return this.getStage(tenant, caseId, 'extraction');
    await findCase(this.pool, tenant, caseId);
    const versions = await extractionVersions(this.pool, caseId);
    const uploads = (await uploadsOf(this.pool, caseId)).flatMap(({ id }) => {
      const found = correctionsUpTo(versions.get(id) ?? [], version);
      return found ? [{ uploadId: id, ...versionResult(found) }] : [];
    });
    if (uploads.length === 0) throw versionUnknown(version);
    return {
      caseId,
      stage: 'extraction',
      uploads: await this.read(tenant, caseId, uploads),
    };
  }

  /** The results of all stages of all uploads. @throws ApiError 404 */
  async getAll(tenant: Tenant, caseId: string): Promise<CaseResults> {
    const { status, result, decision } = await findCase(this.pool, tenant, caseId);
    const versions = await extractionVersions(this.pool, caseId);
    const uploads = await Promise.all(
      (await uploadsOf(this.pool, caseId)).map(async ({ id, documentType, assessment, stages }) => {
        const results = await Promise.all(
          stages.map(async (stage): Promise<[Stage, Result]> => {
            const stored = storedResult(stage, versions.get(id));
            return [stage.stage, await this.withResult(tenant, caseId, stored)];
          }),
        );
        return { uploadId: id, documentType, assessment, stages: Object.fromEntries(results) };
      }),
    );
    return { caseId, status, result, decision, uploads };
  }

  private async uploadsWith(
    caseId: string,
    stage: Stage,
  ): Promise<({ uploadId: string } & StoredResult)[]> {
    const versions = await extractionVersions(this.pool, caseId);
    return (await uploadsOf(this.pool, caseId)).flatMap(({ id, stages }) =>
      stages
        .filter((one) => one.stage === stage)
        .map((one) => ({ uploadId: id, ...storedResult(one, versions.get(id)) })),
    );
  }

  private read(
    tenant: Tenant,
    caseId: string,
    uploads: readonly ({ uploadId: string } & StoredResult)[],
  ): Promise<UploadResult[]> {
    return Promise.all(
      uploads.map(async ({ uploadId, ...stored }) => ({
        uploadId,
        ...(await this.withResult(tenant, caseId, stored)),
      })),
    );
  }

  private async withResult(
    tenant: Tenant,
    caseId: string,
    { blob, corrections, ...about }: StoredResult,
  ): Promise<Result> {
    if (!blob) return { ...about, result: null };
    const bytes = await readingBlobs(this.pool, tenant, caseId, () => this.blobs.read(blob.key));
    const result = JSON.parse(bytes.toString());
    if (corrections.length === 0) return { ...about, result };
    return { ...about, result: corrected(result as ExtractionResult, corrections) };
  }
}

/** The current result of a stage; of an extraction the latest version, if there is one. */
function storedResult(
  { stage, result: blob, ...run }: StoredStage,
  versions: readonly VersionRow[] = [],
): StoredResult {
  const latest = stage === 'extraction' ? versions.at(-1) : undefined;
  return latest
    ? versionResult(correctionsUpTo(versions, latest.version)!)
    : { ...run, version: null, blob, corrections: [] };
}

const versionResult = ({
  found,
  corrections,
}: {
  found: VersionRow;
  corrections: CorrectedField[][];
}): StoredResult => ({
  status: 'completed',
  run: found.run,
  finishedAt: found.finished_at?.toISOString() ?? null,
  failure: null,
  version: found.version,
  blob: found.result,
  corrections,
});

const versionUnknown = (version: number) =>
  new ApiError(404, 'VERSION_UNKNOWN', `no document of the case has version ${version}`);
