import type { Box, Finding } from '@casewire/contracts';

/** A finding before its image is made. */
export interface Suspicion extends Omit<Finding, 'image'> {
  /** What an image of it outlines; the box where nothing is said. */
  marks?: Box[];
}

/** Whether a check ran, and why not where it did not. */
export interface Check {
  code: string;
  ran: boolean;
  reason: string | null;
}

/** What one kind of examination gave. */
export interface Examined {
  suspicions: Suspicion[];
  checks: Check[];
}

export const ran = (code: string): Check => ({ code, ran: true, reason: null });
export const skipped = (code: string, reason: string): Check => ({ code, ran: false, reason });
