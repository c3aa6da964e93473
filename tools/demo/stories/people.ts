import { setTimeout } from 'node:timers/promises';

import type { PartnerClient, ReviewClient, Submission } from '@casewire/client';
import type { CaseView, ReviewSummary } from '@casewire/contracts';
import { generate, type SampleKind } from '@casewire/samples';

import type { Facts } from './facts.ts';
import type { Target } from './story.ts';

interface SubmittedDocuments extends Pick<Submission, 'features' | 'reference' | 'callbackUrl'> {
  /** The external id. */
  name: string;
  /** Each with the seed from which it is generated. */
  documents: [SampleKind, number][];
}

/** Who acts in a story, each with an API key of its own. */
export class People {
  constructor(
    readonly facts: Facts,
    /** The partner's system, which submits cases. */
    readonly partner: PartnerClient,
    /** The person who reviews and corrects; the key has her name. */
    readonly reviewer: ReviewClient,
    readonly urls: Record<Target, string>,
    private readonly giveUp: AbortSignal,
  ) {}

  /** Submits a case with generated documents. */
  async submit({ name, documents, ...rest }: SubmittedDocuments): Promise<CaseView> {
    const samples = await Promise.all(documents.map(([kind, seed]) => generate(kind, { seed })));
    const files = samples.map(({ fileName, bytes }) => ({ name: fileName, bytes }));
    const view = await this.partner.submit({ externalId: name, files, ...rest });
    this.facts.add(name, view);
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
