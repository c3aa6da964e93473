import { setTimeout as delay } from 'node:timers/promises';

import { PartnerClient, ReviewClient, type SubmittedFile } from '@casewire/client';
import type { CaseView, Feature } from '@casewire/contracts';
import { generate } from '@casewire/samples';

/** One case for each state, and more for the requests that end a state. */
export interface FuzzedCases {
  completed: CaseView;
  /** The number of a finding of the completed case that has an image. */
  finding: number;
  inReview: CaseView;
  /** Another one in review, which may be resolved. */
  toResolve: CaseView;
  actionRequired: CaseView;
  canceled: CaseView;
  toCancel: CaseView;
  toDelete: CaseView;
  toReview: CaseView;
  toRefresh: CaseView;
}

/** How often a case is read until it has the status, and for how long. */
const pollMs = 200;
const patienceMs = 60_000;

export class CaseNotReady extends Error {
  readonly code = 'CASE_NOT_READY';
}

/**
 * Submits the cases of one organization, and brings each to its state.
 * @throws CaseNotReady, or what the client throws
 */
export async function createCases(
  url: string,
  key: string,
  document: SubmittedFile,
): Promise<FuzzedCases> {
  const cases = new CaseMaker(new PartnerClient(url, key), document);
  const reviews = new ReviewClient(url, key);
  const overlay = await generate('bank_statement_overlay', { seed: 1 });
  const [completed, inReview, toResolve, asked, slow, toCancel, toDelete, toReview, toRefresh] =
    await Promise.all([
      cases.reach('completed', { file: { name: overlay.fileName, bytes: overlay.bytes } }),
      cases.reach('in_review', { part: 'review-unprocessable' }),
      cases.reach('in_review', { part: 'review-verdict' }),
      cases.reach('in_review', { part: 'review-low-confidence' }),
      cases.reach('processing', { part: 'slow-86400' }),
      cases.reach('processing', { part: 'slow-86400' }),
      cases.reach('completed', {}),
      cases.reach('completed', {}),
      cases.reach('completed', {}),
    ]);
  const request = { resolution: 'more_requested' as const, comment: 'the back side' };
  await reviews.resolve(asked.openReviewId!, request);
  return {
    completed,
    finding: await cases.findingWithImage(completed.id),
    inReview,
    toResolve,
    actionRequired: await cases.until(asked.id, 'action_required'),
    canceled: await reviews.cancel(slow.id),
    toCancel,
    toDelete,
    toReview,
    toRefresh,
  };
}

class CaseMaker {
  constructor(
    private readonly client: PartnerClient,
    private readonly document: SubmittedFile,
  ) {}

  /** @param part of the file's name, which steers the sandbox */
  async reach(
    status: CaseView['status'],
    { part, file = this.document }: { part?: string; file?: SubmittedFile },
  ): Promise<CaseView> {
    const name = part === undefined ? file.name : `${part}.${file.name}`;
    const features: Feature[] =
      file === this.document ? ['extraction'] : ['extraction', 'forensics', 'translation'];
    const { id } = await this.client.submit({ files: [{ ...file, name }], features });
    return this.until(id, status);
  }

  async until(id: string, status: CaseView['status']): Promise<CaseView> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const view = await this.client.case(id);
      if (view.status === status) return view;
      if (performance.now() > end) throw new CaseNotReady(`${id} is ${view.status}, not ${status}`);
      await delay(pollMs);
    }
  }

  async findingWithImage(id: string): Promise<number> {
    const { uploads } = await this.client.results(id, 'forensics');
    const { findings } = uploads[0]!.result as unknown as { findings: { image: string | null }[] };
    return findings.findIndex(({ image }) => image !== null) + 1;
  }
}
