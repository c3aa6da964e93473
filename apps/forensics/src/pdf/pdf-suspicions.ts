import type { Box } from '@casewire/contracts';

import { type Examined, ran, type Suspicion } from '../examination/suspicion.ts';
import type { ExaminedPdf } from './examined-pdf.ts';

const editors =
  /photoshop|illustrator|canva|pdfescape|sejda|smallpdf|ilovepdf|foxit (phantom|pdf editor)|pdf-?xchange|nitro|inkscape|gimp|master pdf|soda pdf|pdffiller|xodo/i;
const mostPerPage = 4;

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
];

/** What was seen in a PDF, in words and places. */
export function pdfSuspicions(pdf: ExaminedPdf): Examined {
  const onPages = pdf.pages.flatMap(({ page, ...seen }) => [
    ...seen.overlays.flatMap((overlay) => overlaid(overlay, page) ?? []).slice(0, mostPerPage),
    ...revised(seen.revised, page),
    ...seen.strayFonts.map(({ box, text, font, usual }): Suspicion => ({
      code: 'STRAY_FONT',
      severity: 'medium',
      confidence: 0.8,
      page,
      box,
      explanation: `${text} is set in ${font}, the page in ${usual}.`,
    })),
    ...(seen.hidden ? [hidden(page)] : []),
  ]);
  return { suspicions: [...onPages, ...ofTheFile(pdf)], checks: codes.map(ran) };
}

type Overlay = ExaminedPdf['pages'][number]['overlays'][number];

function overlaid(overlay: Overlay, page: number): Suspicion | null {
  const { box, hidden: covered, retyped, hiddenFont, retypedFont } = overlay;
  // The same text in the same font is a shadow or a highlight; text that is covered and not replaced is blacked out.
  if (!retyped || (retyped === covered && hiddenFont === retypedFont)) return null;
  const fonts = hiddenFont === retypedFont ? '' : `, in ${retypedFont} instead of ${hiddenFont}`;
  return {
    code: 'TEXT_OVERLAY',
    severity: 'high',
    confidence: hiddenFont === retypedFont ? 0.85 : 0.95,
    page,
    box,
    explanation: `"${covered}" was painted over and "${retyped}" typed on top of it${fonts}.`,
  };
}

function revised(changes: ExaminedPdf['pages'][number]['revised'], page: number): Suspicion[] {
  const replaced = changes.filter(({ before, after }) => before !== '' && before !== after);
  return replaced.slice(0, mostPerPage).map(({ box, before, after }) => ({
    code: 'TEXT_REVISED',
    severity: 'high',
    confidence: 0.9,
    page,
    box,
    explanation: `A later revision of the file put "${after}" where "${before}" stood.`,
  }));
}

const hidden = (page: number): Suspicion => ({
  code: 'HIDDEN_TEXT',
  severity: 'low',
  confidence: 0.8,
  page,
  box: [0, 0, 1, 1],
  explanation: 'The page holds text that is not painted.',
});

function ofTheFile(pdf: ExaminedPdf): Suspicion[] {
  const whole: { page: number; box: Box | null } = { page: 1, box: null };
  const suspicions: Suspicion[] = [];
  const add = (
    code: string,
    severity: Suspicion['severity'],
    confidence: number,
    explanation: string,
  ) => suspicions.push({ code, severity, confidence, explanation, ...whole });
  if (pdf.earlierEnds.length > 0) {
    add(
      'REVISIONS',
      'low',
      0.9,
      `The file was changed ${pdf.earlierEnds.length} time(s) after it was made.`,
    );
  }
  const tools = [pdf.producer, pdf.creator, pdf.xmpTool ?? ''].filter((tool) => editors.test(tool));
  if (tools.length > 0)
    add('EDITING_SOFTWARE', 'medium', 0.9, `The file says that it was made with ${tools[0]}.`);
  const [created, modified] = [pdfDate(pdf.created), pdfDate(pdf.modified)];
  if (created && modified && modified < created) {
    add('DATES_INCONSISTENT', 'low', 0.8, 'The file says that it was changed before it was made.');
  }
  if (pdf.active.length > 0)
    add('ACTIVE_CONTENT', 'low', 0.9, `The file holds ${pdf.active.join(', ')}.`);
  if (pdf.trailing > 0)
    add('TRAILING_DATA', 'low', 0.9, `${pdf.trailing} bytes follow the end of the file.`);
  return suspicions;
}

/** The instant of a PDF's date (ISO 32000-2, 7.9.4), in milliseconds. */
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
