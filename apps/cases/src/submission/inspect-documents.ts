import { randomUUID } from 'node:crypto';

import { inspect } from '@casewire/reading';

import type { StoredDocument } from '../case/case-domain-event.ts';
import type { FormDocument } from './form-documents.ts';
import { inspectionError } from './inspection-error.ts';
import { checkExtension } from './received-file.ts';

/** A document that can be read, with the key under which it will be stored. */
export interface InspectedDocument extends FormDocument {
  uploadId: string;
  document: StoredDocument;
}

/**
 * Inspects the documents of a form, each in a sandboxed process.
 * @throws ApiError that names the file of the first document that is refused
 */
export async function inspectDocuments(
  organizationId: string,
  documents: readonly FormDocument[],
): Promise<InspectedDocument[]> {
  const inspected: InspectedDocument[] = [];
  for (const document of documents) {
    const field = `files.${document.file}`;
    const path = document.archive?.path;
    const { mediaType, pages } = await inspect(document.path, { organizationId }).catch(
      (error: unknown) => {
        throw inspectionError(error, field, path);
      },
    );
    checkExtension(document, mediaType, field, path);
    const uploadId = randomUUID();
    const { sha256, size } = document;
    const key = `uploads/${organizationId}/${uploadId}`;
    inspected.push({ ...document, uploadId, document: { key, sha256, size, mediaType, pages } });
  }
  return inspected;
}
