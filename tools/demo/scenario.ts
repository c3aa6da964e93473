import type { PartnerClient } from '@casewire/client';
import type { CaseView, Feature, Stage } from '@casewire/contracts';
import { generate, type Sample, type SampleKind } from '@casewire/samples';

interface PlannedUpload {
  kind: SampleKind;
  seed: number;
  classify: boolean;
  /** Stages that must fail because of the document. */
  fails?: Stage[];
}

export interface PlannedCase {
  externalId: string;
  title: string;
  features: Feature[];
  uploads: PlannedUpload[];
}

/** Four cases: text and scans, an upload that is not classified, and a translation that fails with its reason. */
export const plan: readonly PlannedCase[] = [
  {
    externalId: 'applicant-1',
    title: 'passport, photographed',
    features: ['extraction', 'forensics'],
    uploads: [{ kind: 'passport', seed: 11, classify: true }],
  },
  {
    externalId: 'applicant-2',
    title: 'payslip, scanned',
    features: ['extraction', 'forensics', 'translation'],
    uploads: [{ kind: 'payslip', seed: 12, classify: true }],
  },
  {
    externalId: 'applicant-3',
    title: 'bank statement, and an invoice not to be classified',
    features: ['extraction'],
    uploads: [
      { kind: 'bank_statement', seed: 13, classify: true },
      { kind: 'invoice', seed: 14, classify: false },
    ],
  },
  {
    externalId: 'applicant-4',
    title: 'Spanish birth certificate, and a text beyond the glossaries',
    features: ['translation'],
    uploads: [
      { kind: 'birth_certificate', seed: 15, classify: true },
      { kind: 'legal_text', seed: 16, classify: true, fails: ['translation'] },
    ],
  },
];

export interface SubmittedUpload extends PlannedUpload {
  id: string;
  sample: Sample;
}

export interface SubmittedCase extends Omit<PlannedCase, 'uploads'> {
  id: string;
  uploads: SubmittedUpload[];
}

/** Generates the documents of a case, and submits them. */
export async function submit(client: PartnerClient, planned: PlannedCase): Promise<SubmittedCase> {
  const samples = await Promise.all(
    planned.uploads.map(({ kind, seed }) => generate(kind, { seed })),
  );
  const view: CaseView = await client.submit({
    externalId: planned.externalId,
    features: planned.features,
    classify: planned.uploads.map(({ classify }) => classify),
    files: samples.map(({ fileName, bytes }) => ({ name: fileName, bytes })),
  });
  const uploads = planned.uploads.map((upload, i) => ({
    ...upload,
    id: view.uploads[i]!.id,
    sample: samples[i]!,
  }));
  return { ...planned, id: view.id, uploads };
}

/** The stages of an upload, in the order of the table. */
export const stagesOf = (one: Pick<PlannedCase, 'features'>, upload: PlannedUpload): Stage[] => [
  ...(upload.classify ? (['classification'] as const) : []),
  ...one.features,
];

/** The expected status of a stage of an upload. */
export const expectedEnd = (upload: PlannedUpload, stage: Stage): 'completed' | 'failed' =>
  upload.fails?.includes(stage) ? 'failed' : 'completed';
