import { DocumentError } from '@casewire/sandbox';

/** The processor time of one reading, which all its steps share. */
export class ProcessorBudget {
  constructor(private remainingMs: number) {}

  /**
   * The processor time that a step may use, in milliseconds.
   * @param limitMs the step's own limit
   * @throws DocumentError DOCUMENT_TOO_SLOW when nothing remains
   */
  allow(limitMs: number): number {
    if (this.remainingMs <= 0) {
      throw new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read');
    }
    return Math.min(limitMs, this.remainingMs);
  }

  /** Subtracts the processor time that a step has used. */
  spend(ms: number): void {
    this.remainingMs -= ms;
  }
}
