import type { Finding } from '@casewire/contracts';

/** The kind of evidence that a finding is: two findings of one kind count as one. */
export type EvidenceKind = 'pixels' | 'layers' | 'history' | 'contents' | 'metadata';

/** All that the code knows about the findings of one code. */
export interface FindingType {
  severity: Finding['severity'];
  evidence: EvidenceKind;
  /** The probability of a forgery by this finding alone, at full confidence: 0 to 1. */
  weight: number;
  /** The reason in one sentence, made from the facts of a finding. */
  explain: (...facts: never[]) => string;
}

/** A printed amount and the amount that other parts of the document give. */
interface Amounts {
  printed: string;
  expected: string;
}

/** Every code of a finding. A check that makes another one does not compile without an entry here. */
export const findingTypes = {
  COPY_MOVE: {
    severity: 'high',
    evidence: 'pixels',
    weight: 0.75,
    explain: () =>
      'This place and another one of the page are the same, noise included: one is a copy of the other.',
  },
  NOISE_INCONSISTENT: {
    severity: 'high',
    evidence: 'pixels',
    weight: 0.65,
    explain: ({ ratio }: { ratio: number }) =>
      `This area has ${Math.round(ratio * 100)}% of the noise of the page around it, as what is pasted onto a scan has.`,
  },
  DOUBLE_COMPRESSION: {
    severity: 'low',
    evidence: 'metadata',
    weight: 0.1,
    explain: () => 'The picture was saved as JPEG more than once.',
  },
  TRAILING_DATA: {
    severity: 'low',
    evidence: 'metadata',
    weight: 0.1,
    explain: ({ bytes, after }: { bytes: number; after: 'picture' | 'file' }) =>
      `${bytes} bytes follow the end of the ${after}.`,
  },
  EDITING_SOFTWARE: {
    severity: 'medium',
    evidence: 'metadata',
    weight: 0.25,
    explain: ({ software }: { software: string }) =>
      `The file says that it was made with ${software}.`,
  },
  TEXT_OVERLAY: {
    severity: 'high',
    evidence: 'layers',
    weight: 0.8,
    explain: (overlay: {
      hidden: string;
      retyped: string;
      hiddenFont: string;
      retypedFont: string;
    }) => {
      const { hidden, retyped, hiddenFont, retypedFont } = overlay;
      const fonts =
        hiddenFont === retypedFont ? '' : `, in ${retypedFont} instead of ${hiddenFont}`;
      return `"${hidden}" was painted over and "${retyped}" typed on top of it${fonts}.`;
    },
  },
  STRAY_FONT: {
    severity: 'medium',
    evidence: 'layers',
    weight: 0.35,
    explain: ({ text, font, usual }: { text: string; font: string; usual: string }) =>
      `${text} is set in ${font}, the page in ${usual}.`,
  },
  HIDDEN_TEXT: {
    severity: 'low',
    evidence: 'layers',
    weight: 0.1,
    explain: () => 'The page holds text that is not painted.',
  },
  TEXT_REVISED: {
    severity: 'high',
    evidence: 'history',
    weight: 0.7,
    explain: ({ before, after }: { before: string; after: string }) =>
      `A later revision of the file put "${after}" where "${before}" stood.`,
  },
  REVISIONS: {
    severity: 'low',
    evidence: 'history',
    weight: 0.1,
    explain: ({ count }: { count: number }) =>
      `The file was changed ${count} time(s) after it was made.`,
  },
  DATES_INCONSISTENT: {
    severity: 'low',
    evidence: 'metadata',
    weight: 0.15,
    explain: () => 'The file says that it was changed before it was made.',
  },
  ACTIVE_CONTENT: {
    severity: 'low',
    evidence: 'metadata',
    weight: 0.15,
    explain: ({ contents }: { contents: readonly string[] }) =>
      `The file holds ${contents.join(', ')}.`,
  },
  ZONE_NOT_SOUND: {
    severity: 'medium',
    evidence: 'contents',
    weight: 0.45,
    explain: ({ faults }: { faults: readonly string[] }) =>
      `In the machine-readable zone ${faults.join(', ')}.`,
  },
  ZONE_PRINT_MISMATCH: {
    severity: 'high',
    evidence: 'contents',
    weight: 0.7,
    explain: ({ name, print, zone }: { name: string; print: string; zone: string }) =>
      `The ${name} is printed as ${print}, the machine-readable zone says ${zone}.`,
  },
  BALANCE_MISMATCH: {
    severity: 'high',
    evidence: 'contents',
    weight: 0.7,
    explain: ({ printed, expected, of }: Amounts & { of: 'line' | 'closing' }) =>
      of === 'line'
        ? `The balance of this line is ${printed}, the line before and the amount give ${expected}.`
        : `The closing balance is ${printed}, the last line gives ${expected}.`,
  },
  IBAN_INVALID: {
    severity: 'medium',
    evidence: 'contents',
    weight: 0.4,
    explain: ({ iban }: { iban: string }) =>
      `The check digits of the account number ${iban} do not hold.`,
  },
  PAY_SUM_MISMATCH: {
    severity: 'high',
    evidence: 'contents',
    weight: 0.7,
    explain: sumMismatch,
  },
  INVOICE_SUM_MISMATCH: {
    severity: 'high',
    evidence: 'contents',
    weight: 0.65,
    explain: sumMismatch,
  },
  DATES_OUT_OF_ORDER: {
    severity: 'medium',
    evidence: 'contents',
    weight: 0.45,
    explain: ({ earlier, later }: Record<'earlier' | 'later', { name: string; value: string }>) =>
      `${later.value} (${later.name}) lies before ${earlier.value} (${earlier.name}).`,
  },
  TRANSACTION_OUTSIDE_PERIOD: {
    severity: 'medium',
    evidence: 'contents',
    weight: 0.3,
    explain: ({ date, start, end }: Record<'date' | 'start' | 'end', string>) =>
      `The transaction of ${date} lies outside the period ${start} to ${end}.`,
  },
} satisfies Record<string, FindingType>;

/** The code of a finding, and of the check that makes it. */
export type FindingCode = keyof typeof findingTypes;

function sumMismatch({ printed, expected, source }: Amounts & { source: string }): string {
  return `This amount is ${printed}, ${source} give ${expected}.`;
}
