import { dirname } from 'node:path';

import { type DocumentType, Finding, type ForensicsResult } from '@casewire/contracts';
import {
  classify,
  type DocumentReader,
  type DocumentSource,
  findPrinted,
  findRows,
  type Reading,
  understood,
} from '@casewire/reading';
import {
  type SandboxJob,
  Sandbox,
  documentLimits,
  type Log,
  parseLimit,
  sharedSandbox,
} from '@casewire/sandbox';

import { crossExamine } from '../fields/cross-checks.ts';
import { ExaminedImage } from '../image/examined-image.ts';
import { imageSuspicions, type PlaceOfImage } from '../image/image-suspicions.ts';
import { ExaminedPdf } from '../pdf/examined-pdf.ts';
import { pdfSuspicions } from '../pdf/pdf-suspicions.ts';
import { verdictOn } from '../verdict/verdict.ts';
import { findingImage } from './finding-image.ts';
import type { Examined, Suspicion } from './suspicion.ts';

export interface Examination {
  source: DocumentSource;
  reading: Reading;
  /** Null: to be told by the same rules as classification's. */
  documentType: DocumentType | null;
  today: Date;
  signal: AbortSignal;
  storeImage: (png: Uint8Array) => Promise<string>;
}

const imagePixels = 12_000_000;
const crop = { channels: 3, native: true, dpi: 110, largest: 4_000_000 } as const;

/** Looks for signs that a document was changed: in its pixels, in its file, and in what it says. */
export class DocumentExaminer {
  private readonly containment: Sandbox;

  constructor(
    private readonly reader: Pick<DocumentReader, 'raster'>,
    log?: Log,
  ) {
    // Children that may load this stage's own jobs; none wait, for stages are not asked in a hurry.
    const jobFolders = [dirname(import.meta.dirname)];
    const { queue } = sharedSandbox();
    this.containment = new Sandbox({ warm: 0, jobFolders, queue, ...(log && { log }) });
  }

  /** @throws DocumentError; the signal's reason when aborted */
  async examine(examination: Examination): Promise<ForensicsResult> {
    const { reading, today } = examination;
    const documentType = examination.documentType ?? classify(reading, today).documentType;
    const fields = findPrinted(reading, documentType);
    const rows = findRows(reading, documentType);
    const parts = [
      ...(await this.examineFile(examination)),
      crossExamine({ reading, documentType, fields, rows, today }),
    ];
    const suspicions = parts.flatMap((part) => part.suspicions);
    return {
      verdict: verdictOn(suspicions),
      findings: await this.illustrate(suspicions, examination),
      checks: merged(parts),
    };
  }

  private async examineFile(examination: Examination): Promise<Examined[]> {
    const { source } = examination;
    if (source.mediaType !== 'application/pdf') {
      const image = await this.examineImage(() => source.open(), examination);
      return [imageSuspicions(image, { page: 1, box: [0, 0, 1, 1] })];
    }
    const { value, blobs } = await this.containment.run({
      kind: 'pdf',
      job: new URL('../pdf/examine-pdf.job.ts', import.meta.url),
      args: null,
      document: () => source.open(),
      processorMs: parseLimit(documentLimits, source.pages ?? documentLimits.pages),
      ...turn(examination),
    });
    const pdf = understood(ExaminedPdf, value);
    const parts = [pdfSuspicions(pdf)];
    for (const [i, place] of pdf.scans.entries()) {
      const image = await this.examineImage(blobs[i] ?? Buffer.alloc(0), examination);
      parts.push(imageSuspicions(image, place satisfies PlaceOfImage));
    }
    return parts;
  }

  private async examineImage(
    document: SandboxJob['document'],
    examination: Examination,
  ): Promise<ExaminedImage> {
    const { value } = await this.containment.run({
      kind: 'image',
      job: new URL('../image/examine-image.job.ts', import.meta.url),
      args: { pixels: documentLimits.pixels, largest: imagePixels },
      document,
      processorMs: documentLimits.parseMs,
      ...turn(examination),
    });
    return understood(ExaminedImage, value);
  }

  /** Findings with an image for those that have a place smaller than the page. */
  private async illustrate(suspicions: Suspicion[], examination: Examination): Promise<Finding[]> {
    const rasters = new Map<number, ReturnType<DocumentReader['raster']>>();
    const findings: Finding[] = [];
    for (const { marks, ...suspicion } of suspicions) {
      const places = marks ?? (suspicion.box ? [suspicion.box] : []);
      const shown = places.some(([left, , right]) => right - left < 0.99) ? places : [];
      let image: string | null = null;
      if (shown.length > 0) {
        const { source, signal } = examination;
        const { page } = suspicion;
        if (!rasters.has(page))
          rasters.set(page, this.reader.raster(source, { ...crop, page }, signal));
        image = await examination.storeImage(await findingImage(await rasters.get(page)!, shown));
      }
      findings.push(Finding.parse({ ...suspicion, image }));
    }
    return findings;
  }
}

/** As many jobs as documents that are worked on: the queue need not be bounded for them. */
const turn = ({ source, signal }: Examination) => ({
  organizationId: source.organizationId,
  insists: true,
  signal,
});

/** A check that several parts tell of ran if it ran in one of them. */
function merged(parts: readonly Examined[]): Examined['checks'] {
  const byCode = new Map<string, Examined['checks'][number]>();
  for (const check of parts.flatMap(({ checks }) => checks)) {
    const known = byCode.get(check.code);
    if (!known || (!known.ran && check.ran)) byCode.set(check.code, check);
  }
  return [...byCode.values()];
}
