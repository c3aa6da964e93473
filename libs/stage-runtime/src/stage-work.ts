import type { DocumentType, StageFacts, StageRequest } from '@casewire/contracts';

/** What the work of a stage receives in addition to its request. */
export interface StageContext {
  /** Aborts at the deadline, and when the request is assigned to another process. */
  signal: AbortSignal;
  /** Stores an image of the result and returns its key. */
  storeImage: (png: Uint8Array) => Promise<string>;
}

export interface StageOutput {
  /** Stored as JSON. */
  result: object;
  /** Set by classification only. */
  documentType?: DocumentType;
  /** What a verdict on the document needs to know about the result. */
  facts?: StageFacts;
}

export type StageWork = (request: StageRequest, context: StageContext) => Promise<StageOutput>;
