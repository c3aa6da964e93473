import { randomUUID } from 'node:crypto';

import type { BlobStore } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';

/** A request for a stored document. Its deadline is a minute after `now`. */
export async function storedRequest(
  blobs: BlobStore,
  now: Date,
  { content = '%PDF-', ...more }: Partial<StageRequest> & { content?: string } = {},
): Promise<StageRequest> {
  const key = `uploads/${randomUUID()}`;
  await blobs.put(key, Buffer.from(content));
  return {
    type: 'StageRequested',
    runId: randomUUID(),
    run: 1,
    stage: 'classification',
    organizationId: randomUUID(),
    environment: 'sandbox',
    caseId: randomUUID(),
    uploadId: randomUUID(),
    document: {
      key,
      sha256: 'a'.repeat(64),
      size: content.length,
      mediaType: 'application/pdf',
      pages: 1,
    },
    documentType: null,
    targetLanguage: 'en',
    requestedAt: now.toISOString(),
    deadline: new Date(now.getTime() + 60_000).toISOString(),
    ...more,
  };
}
