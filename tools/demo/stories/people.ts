import { setTimeout } from 'node:timers/promises';

import type { OrderClient, PartnerClient, ReviewClient, Submission } from '@casewire/client';
import type { CaseView, CreateOrder, OrderView, ReviewSummary } from '@casewire/contracts';
import { generate, type Sample, type SampleKind } from '@casewire/samples';
import type { z } from 'zod';

import type { Facts } from './facts.ts';
import type { Target } from './story.ts';

interface SubmittedDocuments extends Pick<
  Submission,
  'features' | 'reference' | 'callbackUrl' | 'verificationId'
> {
  /** The external id. */
  name: string;
  /** Each with the seed from which it is generated, and with what is to happen to it, by docs/sandbox.md. */
  documents: [kind: SampleKind, seed: number, steering?: string][];
}

/** Who acts in a story, each with an API key of its own. */
export class People {
  constructor(
    readonly facts: Facts,
    /** The partner's system, which submits cases. */
    readonly partner: PartnerClient,
    /** The person who reviews and corrects; the key has her name. */
    readonly reviewer: ReviewClient,
    /** The orderer's system, which orders verifications. */
    readonly orderer: OrderClient,
    readonly urls: Record<Target, string>,
    /** Shows the reader what somebody read. */
    readonly show: (line: string) => void,
    private readonly giveUp: AbortSignal,
  ) {}

  /** Submits a case with generated documents. */
  async submit({ name, documents, ...rest }: SubmittedDocuments): Promise<CaseView> {
    const files = await Promise.all(
      documents.map(async ([kind, seed, steering]) => {
        const sample = await generate(kind, { seed });
        return { name: fileNameOf(sample, steering), bytes: sample.bytes };
      }),
    );
    const view = await this.partner.submit({ externalId: name, files, ...rest });
    this.facts.addCase(name, view);
    return view;
  }

  /** Orders the verifications of a template. @param name of the order in the story */
  async order(name: string, order: z.input<typeof CreateOrder>): Promise<OrderView> {
    const view = await this.orderer.create(order);
    this.facts.addOrder(name, view);
    return view;
  }

  /** Waits until nothing but the open review keeps a case from its completion. */
  async untilInReview(caseName: string): Promise<void> {
    const { id } = this.facts.case(caseName);
    while ((await this.partner.case(id)).status !== 'in_review')
      await setTimeout(100, undefined, { signal: this.giveUp });
  }

  /** The open review of a case. @throws Error if it has none */
  async openReview(caseName: string): Promise<ReviewSummary> {
    const { id: caseId } = this.facts.case(caseName);
    const { items } = await this.reviewer.reviews({ caseId, status: 'open' });
    if (!items[0]) throw new Error(`the case ${caseName} has no open review`);
    return items[0];
  }
}

/** `payslip-12.pdf` with `refresh-fails` is `payslip-12.refresh-fails.pdf`. */
const fileNameOf = ({ fileName }: Sample, steering: string | undefined): string =>
  steering === undefined ? fileName : fileName.replace(/(\.\w+)$/, `.${steering}$1`);
