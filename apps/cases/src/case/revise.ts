import type { Actor } from '@casewire/contracts';

import type { Correction, ReviseCase, ReviseDocument } from './case-command.ts';
import type { CaseDomainEvent, DomainEventOf } from './case-domain-event.ts';
import type { CaseState } from './case-state.ts';
import { checkOpen, CommandInvalid, CommandRefused } from './refusals.ts';

/** Corrects fields of a document: the next version of its extraction. @throws CommandRefused, CommandInvalid */
export function reviseDocument(command: ReviseDocument, state: CaseState): CaseDomainEvent[] {
  checkOpen(state);
  return [documentRevised(command.correction, '', command, state)];
}

/**
 * The revision of a document.
 * @param field the place of the correction in the request, for errors; empty for the request itself
 */
export function documentRevised(
  { uploadId, fields }: Correction,
  field: string,
  { by, now }: { by: Actor; now: Date },
  state: CaseState,
): DomainEventOf<'DocumentRevised'> {
  const upload = state.uploads.get(uploadId);
  const name = field === '' ? 'uploadId' : `${field}.uploadId`;
  if (!upload) throw new CommandInvalid(name, 'must be an upload of this case');
  if (upload.extractionVersion === 0) {
    const reason = `the upload ${uploadId} has no extraction to correct`;
    throw new CommandRefused('NO_EXTRACTION', reason, state);
  }
  return {
    type: 'DocumentRevised',
    uploadId,
    version: upload.extractionVersion + 1,
    fields,
    revisedBy: by,
    afterResult: state.completedBefore,
    revisedAt: now.toISOString(),
  };
}

/** Corrects the case's own data. @throws CommandRefused */
export function reviseCase({ fields, by, now }: ReviseCase, state: CaseState): CaseDomainEvent[] {
  checkOpen(state);
  return [
    {
      type: 'CaseRevised',
      revision: state.revision + 1,
      fields,
      revisedBy: by,
      afterResult: state.completedBefore,
      revisedAt: now.toISOString(),
    },
  ];
}
