import { z } from 'zod';

import { Actor } from './actor.ts';
import { ExternalId, Metadata } from './case-api.ts';
import { CorrectedField, CorrectedFields } from './review-api.ts';

const reason = z.string().min(1).max(4000);

/** Corrects fields of a document's extraction. */
export const ReviseDocument = z.strictObject({ fields: CorrectedFields, reason });
export type ReviseDocument = z.infer<typeof ReviseDocument>;

/** Corrects the case's own data; fields that are missing stay as they are. `metadata` replaces all entries. */
export const ReviseCase = z
  .strictObject({
    externalId: ExternalId.optional(),
    reference: z.string().min(1).max(256).nullable().optional(),
    metadata: Metadata.optional(),
    reason,
  })
  .refine(
    ({ externalId, reference, metadata }) =>
      externalId !== undefined || reference !== undefined || metadata !== undefined,
    { path: [], message: 'must change externalId, reference or metadata' },
  );
export type ReviseCase = z.infer<typeof ReviseCase>;

/** A version of a document's extraction: by a run of the stage, or by a correction. */
export const ExtractionVersion = z.object({
  version: z.int().positive(),
  cause: z.enum(['run', 'correction']),
  /** The run on whose result the version is based. */
  run: z.int().positive(),
  /** Null for a version by a run. */
  revisedBy: Actor.nullable(),
  reason: z.string().nullable(),
  fields: z.array(CorrectedField).nullable(),
  createdAt: z.iso.datetime(),
});
export type ExtractionVersion = z.infer<typeof ExtractionVersion>;

export const ExtractionVersions = z.object({
  uploadId: z.uuid(),
  versions: z.array(ExtractionVersion),
});
export type ExtractionVersions = z.infer<typeof ExtractionVersions>;

/** The case's own data as a version had them. */
export const CaseRevision = z.object({
  revision: z.int().positive(),
  externalId: z.string().nullable(),
  reference: z.string().nullable(),
  metadata: Metadata,
  /** Null for the data as submitted. */
  revisedBy: Actor.nullable(),
  reason: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
export type CaseRevision = z.infer<typeof CaseRevision>;

export const CaseRevisions = z.object({ caseId: z.uuid(), revisions: z.array(CaseRevision) });
export type CaseRevisions = z.infer<typeof CaseRevisions>;
