import { dirname } from 'node:path';

import { type DocumentType, Finding, type ForensicsResult } from '@casewire/contracts';
import {
  classify,
  type DocumentReader,
  type DocumentSource,
  findPrintedFields,
  findRows,
  type Reading,
} from '@casewire/reading';
import {
  documentLimits,
  type Log,
  parseLimit,
  parseUntrusted,
  Sandbox,
  type SandboxJob,
  sharedSandbox,
} from '@casewire/sandbox';

import { runFieldChecks } from '../fields/field-checks.ts';
import { findingImage } from '../findings/finding-image.ts';
import type { CheckResults, CheckStatus, FindingDraft } from '../findings/finding.ts';
import type { ExamineImageArgs } from '../image/examine-image.job.ts';
import { imageFindings, type PicturePlace } from '../image/image-findings.ts';
import { ImageMeasurements } from '../image/image-measurements.ts';
import { pdfFindings } from '../pdf/pdf-findings.ts';
import { PdfObservations } from '../pdf/pdf-observations.ts';
import { verdictOf } from '../verdict/verdict.ts';

export interface Examination {
  source: DocumentSource;
  reading: Reading;
  /** Null: the document is classified here, by the rules of classification. */
  documentType: DocumentType | null;
  today: Date;
  signal: AbortSignal;
  /** Stores the image of a finding and resolves with its key. */
  storeImage: (png: Uint8Array) => Promise<string>;
}

const imagePixels = 12_000_000;
const crop = { channels: 3, native: true, dpi: 110, maximumPixels: 4_000_000 } as const;

/** Looks for signs that a document was changed: in its pixels, in its file and in its contents. */
export class DocumentExaminer {
  private readonly sandbox: Sandbox;

  constructor(
    private readonly reader: Pick<DocumentReader, 'raster'>,
    log?: Log,
  ) {
    // Its processes may load the jobs of this service. None is started in advance: a stage has no caller that waits.
    const jobFolders = [dirname(import.meta.dirname)];
    const { queue } = sharedSandbox();
    this.sandbox = new Sandbox({ warm: 0, jobFolders, queue, ...(log && { log }) });
  }

  /** @throws DocumentError; the signal's reason when aborted */
  async examine(examination: Examination): Promise<ForensicsResult> {
    const { reading, today } = examination;
    const documentType = examination.documentType ?? classify(reading, today).documentType;
    const fields = findPrintedFields(reading, documentType);
    const rows = findRows(reading, documentType);
    const results = [
      ...(await this.examineFile(examination)),
      runFieldChecks({ reading, documentType, fields, rows, today }),
    ];
    const findings = results.flatMap((result) => result.findings);
    return {
      verdict: verdictOf(findings),
      findings: await this.illustrate(findings, examination),
      checks: merged(results),
    };
  }

  private async examineFile(examination: Examination): Promise<CheckResults[]> {
    const { source } = examination;
    if (source.mediaType !== 'application/pdf') {
      const image = await this.measureImage(() => source.open(), examination);
      return [imageFindings(image, { page: 1, box: [0, 0, 1, 1] })];
    }
    const { value, blobs } = await this.sandbox.run({
      kind: 'pdf',
      job: new URL('../pdf/examine-pdf.job.ts', import.meta.url),
      args: null,
      document: () => source.open(),
      processorMs: parseLimit(documentLimits, source.pages ?? documentLimits.pages),
      ...queueing(examination),
    });
    const pdf = parseUntrusted(PdfObservations, value);
    const results = [pdfFindings(pdf)];
    for (const [i, place] of pdf.scans.entries()) {
      const image = await this.measureImage(blobs[i] ?? Buffer.alloc(0), examination);
      results.push(imageFindings(image, place satisfies PicturePlace));
    }
    return results;
  }

  private async measureImage(
    document: SandboxJob['document'],
    examination: Examination,
  ): Promise<ImageMeasurements> {
    const { value } = await this.sandbox.run({
      kind: 'image',
      job: new URL('../image/examine-image.job.ts', import.meta.url),
      args: {
        pixels: documentLimits.pixels,
        maximumPixels: imagePixels,
      } satisfies ExamineImageArgs,
      document,
      processorMs: documentLimits.parseMs,
      ...queueing(examination),
    });
    return parseUntrusted(ImageMeasurements, value);
  }

  /** Adds an image to each finding whose place is smaller than the page. */
  private async illustrate(drafts: FindingDraft[], examination: Examination): Promise<Finding[]> {
    const rasters = new Map<number, ReturnType<DocumentReader['raster']>>();
    const findings: Finding[] = [];
    for (const { marks, ...draft } of drafts) {
      const places = marks ?? (draft.box ? [draft.box] : []);
      const shown = places.some(([left, , right]) => right - left < 0.99) ? places : [];
      let image: string | null = null;
      if (shown.length > 0) {
        const { source, signal } = examination;
        const { page } = draft;
        if (!rasters.has(page))
          rasters.set(page, this.reader.raster(source, { ...crop, page }, signal));
        image = await examination.storeImage(await findingImage(await rasters.get(page)!, shown));
      }
      findings.push(Finding.parse({ ...draft, image }));
    }
    return findings;
  }
}

/** Jobs of stages always wait in the queue: the number of documents in work bounds them. */
const queueing = ({ source, signal }: Examination) =>
  ({
    organizationId: source.organizationId,
    alwaysWaits: true,
    signal,
  }) satisfies Partial<SandboxJob>;

/** One status for each check: it ran where it ran on any part of the document. */
function merged(results: readonly CheckResults[]): CheckStatus[] {
  const byCode = new Map<string, CheckStatus>();
  for (const check of results.flatMap(({ checks }) => checks)) {
    const known = byCode.get(check.code);
    if (!known || (!known.ran && check.ran)) byCode.set(check.code, check);
  }
  return [...byCode.values()];
}
