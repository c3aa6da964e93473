import { z } from 'zod';

import { Actor } from './actor.ts';
import { CorrelationId, Metadata, PageQuery } from './case-api.ts';
import { DocumentType } from './document-type.ts';
import { EntityId } from './identifiers.ts';
import { OrderStatus, TaskStatus, VerificationMethod, VerificationState } from './order-event.ts';
import { Approval, TemplateContent, TemplateId, VerificationName } from './order-template.ts';
import { Environment, Feature } from './stage.ts';
import { wholeNumber } from './whole-number.ts';

const text = (max: number) => z.string().min(1).max(max);

/** The person that an order is about, by the orderer's own data. */
export const OrderUser = z
  .strictObject({
    /** The orderer's own id of the user: orders with the same one have the same userId. */
    externalId: text(128).optional(),
    name: text(200).optional(),
    email: z.email().max(254).optional(),
    phone: text(40).optional(),
  })
  .refine((user) => Object.keys(user).length > 0, 'must have at least one field');
export type OrderUser = z.infer<typeof OrderUser>;

/** The employer, bank or other source that a verification is about. */
export const Employer = z
  .strictObject({
    /** The orderer's own id of the employer: verifications with the same one have the same employerId. */
    externalId: text(128).optional(),
    name: text(200).optional(),
  })
  .refine((employer) => Object.keys(employer).length > 0, 'must have at least one field');
export type Employer = z.infer<typeof Employer>;

export const CreateOrder = z.strictObject({
  /** The template, at its latest version by default. */
  templateId: TemplateId,
  templateVersion: z.int().positive().max(1_000_000).optional(),
  user: OrderUser.optional(),
  /** Part of every event of the order: no place for personal data. */
  metadata: Metadata.default({}),
  /** Data about verifications of the template, by name. */
  verifications: z
    .array(z.strictObject({ name: VerificationName, employer: Employer }))
    .max(10)
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      'must not name a verification twice',
    )
    .default([]),
  correlationId: CorrelationId.optional(),
});
export type CreateOrder = z.infer<typeof CreateOrder>;

/** The answer to a verification that requires information. */
export const GiveInformation = z.strictObject({
  /** What the applicant, or a third party, said. */
  data: z
    .record(text(64), z.union([z.string().max(4000), z.number(), z.boolean()]))
    .refine((data) => Object.keys(data).length > 0, 'must have at least one entry')
    .refine((data) => Object.keys(data).length <= 100, 'must not have more than 100 entries'),
});
export type GiveInformation = z.infer<typeof GiveInformation>;

/** Which verifications to refresh; by default all that are completed. */
export const RefreshOrder = z.strictObject({
  verificationIds: z.array(EntityId).min(1).max(10).optional(),
});
export type RefreshOrder = z.infer<typeof RefreshOrder>;

/** Paths of the Partner API, where the results are. */
export const CaseLinks = z.object({ case: z.string(), results: z.string() });
export type CaseLinks = z.infer<typeof CaseLinks>;

/** A case that was submitted for a verification. */
export const TaskView = z.object({
  id: z.uuid(),
  verificationId: z.uuid(),
  caseId: z.uuid(),
  status: TaskStatus,
  /** Why the task has no success; null for other statuses. */
  reason: z.string().nullable(),
  trackingInfo: z.uuid().nullable(),
  submittedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  links: CaseLinks,
});
export type TaskView = z.infer<typeof TaskView>;

/** The results of a successful task, or of a refresh of one: links to its case, no copies. */
export const ReportView = z.object({
  id: z.uuid(),
  verificationId: z.uuid(),
  taskId: z.uuid(),
  caseId: z.uuid(),
  createdAt: z.iso.datetime(),
  links: CaseLinks,
});
export type ReportView = z.infer<typeof ReportView>;

export const InformationView = z.object({
  id: z.uuid(),
  data: GiveInformation.shape.data,
  givenBy: Actor,
  givenAt: z.iso.datetime(),
});
export type InformationView = z.infer<typeof InformationView>;

/** What a caller may do with a verification at present. */
export const VerificationAction = z.enum([
  'approve',
  'refuse',
  'submit_documents',
  'give_information',
  'cancel',
]);
export type VerificationAction = z.infer<typeof VerificationAction>;

export const VerificationView = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  name: z.string(),
  method: VerificationMethod,
  state: VerificationState,
  /** Why it is in this state: a stable code. */
  reason: z.string(),
  changedAt: z.iso.datetime(),
  documentTypes: z.array(DocumentType),
  features: z.array(Feature),
  approval: Approval,
  employerId: z.uuid().nullable(),
  employer: Employer.nullable(),
  allowed: z.array(VerificationAction),
  information: z.array(InformationView),
  tasks: z.array(TaskView),
});
export type VerificationView = z.infer<typeof VerificationView>;

export const OrderRefreshView = z.object({
  id: z.uuid(),
  status: z.enum(['processing', 'completed', 'failed']),
  taskIds: z.array(z.uuid()),
  requestedBy: Actor,
  requestedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type OrderRefreshView = z.infer<typeof OrderRefreshView>;

export const OrderView = z.object({
  id: z.uuid(),
  number: z.string(),
  environment: Environment,
  status: OrderStatus,
  templateId: z.string(),
  templateVersion: z.int().positive(),
  userId: z.uuid().nullable(),
  user: OrderUser.nullable(),
  metadata: Metadata,
  correlationId: z.string().nullable(),
  createdBy: Actor,
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
  verifications: z.array(VerificationView),
  reports: z.array(ReportView),
  /** The latest refresh; null without one. */
  refresh: OrderRefreshView.nullable(),
});
export type OrderView = z.infer<typeof OrderView>;

/** An order in a list. */
export const OrderSummary = OrderView.omit({ verifications: true, reports: true, refresh: true });
export type OrderSummary = z.infer<typeof OrderSummary>;

/** Selects orders; a parameter that is missing is ignored. */
export const OrdersQuery = PageQuery.extend({
  status: OrderStatus.optional(),
  number: text(20).optional(),
  userId: EntityId.optional(),
  templateId: TemplateId.optional(),
  /** Created at this time or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Created before this time. */
  to: z.iso.datetime({ offset: true }).optional(),
});
export type OrdersQuery = z.infer<typeof OrdersQuery>;

/** An organization's new template, at version 1. */
export const CreateTemplate = TemplateContent.extend({
  id: TemplateId.refine(
    (id) => !id.startsWith('casewire.'),
    'must not begin with casewire.: these are templates of the platform',
  ),
});
export type CreateTemplate = z.infer<typeof CreateTemplate>;

/** The version of a template; the latest by default. */
export const TemplateQuery = z.strictObject({ version: wholeNumber(1, 1_000_000).optional() });
export type TemplateQuery = z.infer<typeof TemplateQuery>;
