import type {
  AssignReview,
  CaseClockAdvanced,
  CaseView,
  OpenReview,
  RefreshCase,
  ResolveReview,
  ReviewStatus,
  ReviewSummary,
  ReviewView,
  ReviseCase,
  ReviseDocument,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';
import type { PageOf } from './delivery.ts';
import { query, type Page } from './partner.ts';

/**
 * What people do with cases: reviews, corrections, refreshes, cancellation, and the test clock. Every method throws ApiError if the API refuses the
 * request. A request that is sent again with the same Idempotency-Key is carried out once.
 */
export class ReviewClient {
  private readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  /** Opens a review of a case. */
  open(caseId: string, review: z.input<typeof OpenReview>, key?: string): Promise<ReviewView> {
    return this.post(`cases/${caseId}/reviews`, review, key);
  }

  /** Reviews, newest first. */
  reviews(
    filter: PageOf & { status?: ReviewStatus; caseId?: string; assigneeId?: string } = {},
  ): Promise<Page<ReviewSummary>> {
    return this.api.call(`/partner/v1/reviews${query({ ...filter })}`);
  }

  /** A review with its comments. */
  review(id: string): Promise<ReviewView> {
    return this.api.call(`/partner/v1/reviews/${id}`);
  }

  assign(id: string, assignment: AssignReview, key?: string): Promise<ReviewView> {
    return this.post(`reviews/${id}/assign`, assignment, key);
  }

  comment(id: string, text: string, key?: string): Promise<ReviewView> {
    return this.post(`reviews/${id}/comments`, { text }, key);
  }

  /** Decides a review: 409 says who decided it before. */
  resolve(id: string, decision: ResolveReview, key?: string): Promise<ReviewView> {
    return this.post(`reviews/${id}/resolve`, decision, key);
  }

  /** Corrects fields of a document. */
  reviseDocument(
    caseId: string,
    uploadId: string,
    revision: ReviseDocument,
    key?: string,
  ): Promise<CaseView> {
    return this.post(`cases/${caseId}/uploads/${uploadId}/revisions`, revision, key);
  }

  /** Corrects the external id, the reference or the metadata of a case. */
  reviseCase(caseId: string, revision: ReviseCase, key?: string): Promise<CaseView> {
    return this.post(`cases/${caseId}/revisions`, revision, key);
  }

  /** Runs stages of a case again; by default all. */
  refresh(
    caseId: string,
    selection: z.input<typeof RefreshCase> = {},
    key?: string,
  ): Promise<CaseView> {
    return this.post(`cases/${caseId}/refresh`, selection, key);
  }

  /** Cancels a case that is not completed. */
  cancel(caseId: string, key?: string): Promise<CaseView> {
    return this.post(`cases/${caseId}/cancel`, undefined, key);
  }

  /** Ends the wait for further documents. */
  close(caseId: string, key?: string): Promise<CaseView> {
    return this.post(`cases/${caseId}/close`, undefined, key);
  }

  /**
   * Moves the deadlines of stages and reviews nearer, for all cases of the key's sandbox. Stages whose deadline has passed fail
   * at once; stages that a file name delays begin earlier.
   */
  advanceCaseClock(seconds: number, key?: string): Promise<CaseClockAdvanced> {
    return this.post('test-clock/advance', { seconds }, key);
  }

  private post<T>(path: string, body: unknown, key: string | undefined): Promise<T> {
    return this.api.call(`/partner/v1/${path}`, {
      method: 'POST',
      ...(body !== undefined && { body }),
      ...(key !== undefined && { idempotencyKey: key }),
    });
  }
}
