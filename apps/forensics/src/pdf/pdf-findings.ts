import {
  type CheckResults,
  finding,
  type FindingDraft,
  type FindingPlace,
  ran,
} from '../findings/finding.ts';
import type { PdfObservations } from './pdf-observations.ts';

const editors =
  /photoshop|illustrator|canva|pdfescape|sejda|smallpdf|ilovepdf|foxit (phantom|pdf editor)|pdf-?xchange|nitro|inkscape|gimp|master pdf|soda pdf|pdffiller|xodo/i;
const maximumPerPage = 4;

const codes = [
  'TEXT_OVERLAY',
  'TEXT_REVISED',
  'REVISIONS',
  'STRAY_FONT',
  'HIDDEN_TEXT',
  'EDITING_SOFTWARE',
  'DATES_INCONSISTENT',
  'ACTIVE_CONTENT',
  'TRAILING_DATA',
] as const;

/** The findings that the observations on a PDF give. */
export function pdfFindings(pdf: PdfObservations): CheckResults {
  return {
    findings: [...pdf.pages.flatMap(pageFindings), ...fileFindings(pdf)],
    checks: codes.map(ran),
  };
}

type Page = PdfObservations['pages'][number];

function pageFindings({ page, overlays, revised, strayFonts, hidden }: Page): FindingDraft[] {
  const findings = [
    ...overlays.flatMap((overlay) => overlayFinding(overlay, page) ?? []).slice(0, maximumPerPage),
    ...revisionFindings(revised, page),
    ...strayFonts.map(({ box, ...facts }) =>
      finding('STRAY_FONT', { page, box, confidence: 0.8 }, facts),
    ),
  ];
  if (hidden) findings.push(finding('HIDDEN_TEXT', { page, box: [0, 0, 1, 1], confidence: 0.8 }));
  return findings;
}

function overlayFinding(overlay: Page['overlays'][number], page: number): FindingDraft | null {
  const { box, hidden, retyped, hiddenFont, retypedFont } = overlay;
  const sameFont = hiddenFont === retypedFont;
  // The same text in the same font is a shadow or a highlight; covered text that is not replaced is redacted.
  if (!retyped || (retyped === hidden && sameFont)) return null;
  return finding('TEXT_OVERLAY', { page, box, confidence: sameFont ? 0.85 : 0.95 }, overlay);
}

function revisionFindings(changes: Page['revised'], page: number): FindingDraft[] {
  const replaced = changes.filter(({ before, after }) => before !== '' && before !== after);
  return replaced
    .slice(0, maximumPerPage)
    .map(({ box, ...facts }) => finding('TEXT_REVISED', { page, box, confidence: 0.9 }, facts));
}

function fileFindings(pdf: PdfObservations): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const placed = (confidence: number): FindingPlace => ({ page: 1, box: null, confidence });
  if (pdf.earlierEnds.length > 0) {
    findings.push(finding('REVISIONS', placed(0.9), { count: pdf.earlierEnds.length }));
  }
  const tools = [pdf.producer, pdf.creator, pdf.xmpTool ?? ''];
  const software = tools.find((tool) => editors.test(tool));
  if (software) findings.push(finding('EDITING_SOFTWARE', placed(0.9), { software }));
  const [created, modified] = [pdfDate(pdf.created), pdfDate(pdf.modified)];
  if (created && modified && modified < created) {
    findings.push(finding('DATES_INCONSISTENT', placed(0.8)));
  }
  if (pdf.active.length > 0) {
    findings.push(finding('ACTIVE_CONTENT', placed(0.9), { contents: pdf.active }));
  }
  if (pdf.trailing > 0) {
    const facts = { bytes: pdf.trailing, after: 'file' } as const;
    findings.push(finding('TRAILING_DATA', placed(0.9), facts));
  }
  return findings;
}

/** Milliseconds since 1970 of a date in a PDF (ISO 32000-2, 7.9.4); null where it is no date. */
function pdfDate(text: string): number | null {
  const match = /^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?)?/.exec(
    text,
  );
  if (!match) return null;
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => (part ? Number(part) : undefined));
  const ahead = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * (match[7] === '-' ? -1 : 1);
  return Date.UTC(year!, month - 1, day, hour, minute - ahead, second);
}
