/** What orders and cases can disagree about. */
export const disagreementKinds = [
  /** A task has no case that was submitted for a verification. */
  'case_missing',
  /** A case that was submitted for a verification is no task of it. */
  'task_missing',
  /** A task and its case name different verifications or tenants. */
  'case_differs',
  /** The status of a case does not follow from the status of its task, or from the deletion of its order. */
  'status_differs',
  /** Cases do not know a verification. */
  'verification_missing',
  /** Cases know a verification that no order has. */
  'verification_unknown',
  /** Of a verification orders and cases know different orders, tenants or states. */
  'verification_differs',
] as const;
export type DisagreementKind = (typeof disagreementKinds)[number];

/** One thing about which orders and cases disagree. */
export interface Disagreement {
  kind: DisagreementKind;
  orderId: string | null;
  verificationId: string;
  /** Null if it is about the verification itself. */
  caseId: string | null;
  /** What each side says. */
  detail: string;
}

/** The organization and the environment of an order or a case, as a row has them. */
export interface TenantRow {
  organization_id: string;
  environment: string;
}

export const isSameTenant = (one: TenantRow, other: TenantRow): boolean =>
  one.organization_id === other.organization_id && one.environment === other.environment;
