import { z } from 'zod';

import { DocumentType } from './document-type.ts';
import { VerificationMethod } from './order-event.ts';
import { Feature } from './stage.ts';

/** The id of a template: one of an organization's own, or one of the platform, which begins with `casewire.`. */
export const TemplateId = z
  .string()
  .regex(
    /^(casewire\.)?[a-z0-9][a-z0-9-]{0,62}$/,
    'must be 1 to 63 of a-z 0-9 -, after casewire. for a template of the platform',
  );

/** The name of a verification within its template. */
export const VerificationName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be 1 to 63 of a-z 0-9 _, and begin with a letter');

/** Who approves a verification before it begins: nobody, any key with the scope orders:approve, or one that did not create the order. */
export const Approval = z.enum(['none', 'any', 'another']);
export type Approval = z.infer<typeof Approval>;

const distinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

/** One verification of an order. */
export const TemplateVerification = z.strictObject({
  name: VerificationName,
  method: VerificationMethod,
  /** The types of document that satisfy it: a case with one of them, verified, is successful. */
  documentTypes: z
    .array(DocumentType.exclude(['unknown']))
    .min(1)
    .refine(distinct, 'must not name a type twice'),
  /** What must run for the documents. A document gets its verdict from extraction and forensics. */
  features: z
    .array(Feature)
    .refine(distinct, 'must not name a feature twice')
    .refine(
      (features) => features.includes('extraction') && features.includes('forensics'),
      'must contain extraction and forensics: the verdict on a document needs both',
    )
    .default(['extraction', 'forensics']),
  approval: Approval.default('none'),
});
export type TemplateVerification = z.infer<typeof TemplateVerification>;

const content = {
  title: z.string().min(1).max(200),
  verifications: z
    .array(TemplateVerification)
    .min(1)
    .max(10)
    .refine(
      (all) => distinct(all.map(({ name }) => name)),
      'must not have two verifications with the same name',
    ),
};

/** What a version of a template says. */
export const TemplateContent = z.strictObject(content);
export type TemplateContent = z.infer<typeof TemplateContent>;

/** A version of a template. An order keeps the version with which it was created. */
export const OrderTemplate = z.object({
  id: TemplateId,
  version: z.int().positive(),
  ...content,
});
export type OrderTemplate = z.infer<typeof OrderTemplate>;

/** The file with the templates of the platform: each version of each template once. */
export const TemplateFile = z
  .strictObject({
    templates: z.array(z.strictObject({ id: TemplateId, version: z.int().positive(), ...content })),
  })
  .refine(
    ({ templates }) => distinct(templates.map(({ id, version }) => `${id}@${version}`)),
    'must not have a version of a template twice',
  )
  .refine(
    ({ templates }) => templates.every(({ id }) => id.startsWith('casewire.')),
    'must only have ids that begin with casewire.',
  );
export type TemplateFile = z.infer<typeof TemplateFile>;
