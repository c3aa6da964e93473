import type {
  Actor,
  CaseResult,
  DocumentType,
  DocumentVerdict,
  Environment,
  ReviewResolution,
  Stage,
} from '@casewire/contracts';

import type { OrderedVerification } from './order-domain-event.ts';

interface ByActor {
  by: Actor;
  now: Date;
}

export interface CreateOrder extends ByActor {
  type: 'CreateOrder';
  orderId: string;
  organizationId: string;
  environment: Environment;
  number: string;
  templateId: string;
  templateVersion: number;
  userId: string | null;
  verifications: OrderedVerification[];
}

export interface ApproveVerification extends ByActor {
  type: 'ApproveVerification';
  verificationId: string;
}

/** The approval is not given: the verification is canceled. */
export interface RefuseVerification extends ByActor {
  type: 'RefuseVerification';
  verificationId: string;
}

export interface GiveInformation extends ByActor {
  type: 'GiveInformation';
  verificationId: string;
  informationId: string;
}

export interface CancelVerification extends ByActor {
  type: 'CancelVerification';
  verificationId: string;
}

/** Cancels every verification that is not completed. */
export interface CancelOrder extends ByActor {
  type: 'CancelOrder';
}

export interface RefreshOrder extends ByActor {
  type: 'RefreshOrder';
  refreshId: string;
  /** Null for all that are completed. */
  verificationIds: string[] | null;
}

export interface DeleteOrder extends ByActor {
  type: 'DeleteOrder';
}

/** What happened to a case that was submitted for a verification of the order, as the service of cases published it. */
export type CaseOutcome =
  | { type: 'linked'; verificationId: string; stages: Stage[] }
  | { type: 'upload_received' }
  | {
      type: 'document_assessed';
      uploadId: string;
      documentType: DocumentType;
      verdict: DocumentVerdict;
    }
  | { type: 'review_resolved'; resolution: ReviewResolution }
  | { type: 'action_required' }
  | { type: 'completed'; result: CaseResult }
  | { type: 'canceled' }
  | { type: 'refresh_completed'; refreshId: string; result: CaseResult }
  | { type: 'refresh_failed'; refreshId: string; failure: string }
  | { type: 'command_refused'; commandId: string; code: string }
  | { type: 'erased' };

export interface RecordCaseOutcome {
  type: 'RecordCaseOutcome';
  orderId: string;
  caseId: string;
  outcome: CaseOutcome;
  now: Date;
}

export type OrderCommand =
  | CreateOrder
  | ApproveVerification
  | RefuseVerification
  | GiveInformation
  | CancelVerification
  | CancelOrder
  | RefreshOrder
  | DeleteOrder
  | RecordCaseOutcome;
