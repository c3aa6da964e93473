import { randomUUID } from 'node:crypto';

import type { FuzzedCases } from './fuzzed-cases.ts';

/** A request that an operation accepts. */
export interface OperationExample {
  /** Such as `POST /partner/v1/cases/{id}/cancel`. */
  operation: string;
  path: Record<string, string | number>;
  body?: unknown;
}

const fields = [{ name: 'surname', value: 'García' }];

/** A request for each operation of the partner API that needs a resource. */
export function operationExamples(cases: FuzzedCases): OperationExample[] {
  const { completed } = cases;
  const uploadId = completed.uploads[0]!.id;
  const read = (path: string, more: OperationExample['path'] = {}): OperationExample => ({
    operation: `GET /partner/v1/cases/{id}${path}`,
    path: { id: completed.id, ...more },
  });
  const write = (path: string, { id }: { id: string }, body?: unknown): OperationExample => ({
    operation: `POST /partner/v1/cases/{id}${path}`,
    path: { id },
    ...(body !== undefined && { body }),
  });
  const review = (path: string, id: string, body: unknown): OperationExample => ({
    operation: `POST /partner/v1/reviews/{id}${path}`,
    path: { id },
    body,
  });
  const open = cases.inReview.openReviewId!;
  return [
    ...['', '/classification', '/extraction', '/forensics', '/translation', '/results'].map((one) =>
      read(one),
    ),
    ...['/events', '/revisions', '/timeline'].map((one) => read(one)),
    read('/uploads/{uploadId}/document', { uploadId }),
    read('/uploads/{uploadId}/extraction/versions', { uploadId }),
    read('/uploads/{uploadId}/pages/{page}', { uploadId, page: 1 }),
    read('/uploads/{uploadId}/findings/{number}/image', { uploadId, number: cases.finding }),
    { operation: 'DELETE /partner/v1/cases/{id}', path: { id: cases.toDelete.id } },
    write('/cancel', cases.toCancel),
    write('/close', cases.actionRequired),
    write('/refresh', cases.toRefresh, { stages: ['extraction'] }),
    write('/reviews', cases.toReview, { reason: 'it looks odd' }),
    write('/revisions', completed, { reference: 'link-1', reason: 'a typo' }),
    {
      operation: 'POST /partner/v1/cases/{id}/uploads/{uploadId}/revisions',
      path: { id: completed.id, uploadId },
      body: { fields, reason: 'a typo' },
    },
    { operation: 'GET /partner/v1/reviews/{id}', path: { id: open } },
    review('/assign', open, { assigneeId: randomUUID(), assigneeName: 'Ana' }),
    review('/comments', open, { text: 'the seal is missing' }),
    review('/resolve', cases.toResolve.openReviewId!, { resolution: 'approved' }),
  ];
}
