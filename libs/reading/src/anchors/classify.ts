import { type ClassificationResult, DocumentType } from '@casewire/contracts';

import { type Line, linesOf, union } from '../document/lines.ts';
import { boxOf, findIn } from '../document/match.ts';
import type { PageReading, Reading } from '../document/reading.ts';
import { decodeZone, isSound } from '../mrz/machine-readable-zone.ts';
import { type Anchor, anchors, leastWeight, zoneWeight } from './anchors.data.ts';

type Evidence = ClassificationResult['evidence'][number];

export type Classified = Pick<
  ClassificationResult,
  'documentType' | 'confidence' | 'candidates' | 'evidence'
>;

/** One more of weight makes a type e times as likely. */
const likelihood = (score: number): number => Math.exp(score);
const headingWords = 8;
const headingPart = 0.45;

/**
 * What the document is, by weighted anchors in what it says; `unknown` where too little speaks for any type.
 * @param today to judge the dates of a zone by
 */
export function classify(reading: Pick<Reading, 'pages'>, today: Date): Classified {
  const lines = reading.pages.flatMap((page) => linesOf(page));
  const scored = Object.entries(anchors).map(([type, ofType]) => {
    const evidence = ofType.flatMap((anchor) => seen(anchor, lines) ?? []);
    if (type === 'passport') evidence.unshift(...zoneEvidence(reading.pages, today));
    const score = evidence.reduce((sum, { weight }) => sum + weight, 0);
    return { documentType: type as DocumentType, score, evidence };
  });
  // Nothing found at all still leaves a document of some other kind.
  const other = likelihood(leastWeight - 1);
  const total = scored.reduce((sum, { score }) => sum + likelihood(score), other);
  const candidates = [
    ...scored.map(({ documentType, score }) => ({
      documentType,
      confidence: round(likelihood(score) / total),
    })),
    { documentType: 'unknown' as const, confidence: round(other / total) },
  ].toSorted((a, b) => b.confidence - a.confidence);
  const best = scored.toSorted((a, b) => b.score - a.score)[0]!;
  const known = best.score >= leastWeight;
  const documentType = known ? best.documentType : 'unknown';
  const confidence = candidates.find(
    (candidate) => candidate.documentType === documentType,
  )!.confidence;
  return { documentType, confidence, candidates, evidence: known ? best.evidence : [] };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

function seen(anchor: Anchor, lines: Line[]): Evidence | null {
  for (const line of lines) {
    if (anchor.heading && !isHeading(line)) continue;
    const span = findIn(line, anchor.pattern);
    if (span)
      return { anchor: anchor.name, weight: anchor.weight, page: line.page, box: boxOf(span) };
  }
  return null;
}

const isHeading = ({ page, words, box }: Line): boolean =>
  page === 1 && words.length <= headingWords && box[1] < headingPart;

/** A zone that begins with P is a passport's; one that is not sound says less. */
function zoneEvidence(pages: readonly PageReading[], today: Date): Evidence[] {
  for (const { page, zone } of pages) {
    const decoded = decodeZone(
      zone.map(({ text }) => text),
      today,
    );
    if (!decoded?.fields.documentCode.startsWith('P')) continue;
    const weight = isSound(decoded) ? zoneWeight : zoneWeight / 2;
    const box = union(decoded.rows.map((row) => zone[row]!.box));
    return [{ anchor: 'machine-readable zone', weight, page, box }];
  }
  return [];
}
