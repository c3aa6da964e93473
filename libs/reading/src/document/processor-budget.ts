import { DocumentError } from '@casewire/sandbox';

/** Processor time that all steps of one reading share. */
export class ProcessorBudget {
  constructor(private leftMs: number) {}

  /**
   * How much of it a step may use, in milliseconds.
   * @param most what the step may use at most
   * @throws DocumentError DOCUMENT_TOO_SLOW when nothing is left
   */
  allow(most: number): number {
    if (this.leftMs <= 0) {
      throw new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read');
    }
    return Math.min(most, this.leftMs);
  }

  spend(ms: number): void {
    this.leftMs -= ms;
  }
}
