import type { ClassificationResult, DocumentType } from '@casewire/contracts';

import type { Anchor } from '../document-types/document-type-rules.ts';
import { documentTypes } from '../document-types/document-types.ts';
import { decodeZone, isConsistent } from '../mrz/machine-readable-zone.ts';
import { type Line, linesOf, unionOf } from '../text/lines.ts';
import type { PageReading, Reading } from '../text/reading.ts';
import { boxOf, findIn } from '../text/spans.ts';

type Evidence = ClassificationResult['evidence'][number];

export type Classification = Pick<
  ClassificationResult,
  'documentType' | 'confidence' | 'candidates' | 'evidence'
>;

/** As much as a heading with two labels: other text hardly ever forms a consistent zone. */
const zoneWeight = 6;
/** Below this sum of weights a document is `unknown`. */
const minimumWeight = 4;
/** A heading has at most this many words. */
const headingWords = 8;
/** A heading is in this upper part of the first page. */
const headingPart = 0.45;

/** One more of weight makes a type e times as likely. */
const likelihood = (score: number): number => Math.exp(score);

/**
 * The type of a document, by the weighted anchors that its text contains; `unknown` where their weights are too small.
 * @param today the dates of a machine-readable zone are judged by it
 */
export function classify(reading: Pick<Reading, 'pages'>, today: Date): Classification {
  const lines = reading.pages.flatMap((page) => linesOf(page));
  const scored = documentTypes.map(([documentType, { anchors, hasMrz }]) => {
    const evidence = anchors.flatMap((anchor) => findAnchor(anchor, lines) ?? []);
    if (hasMrz) evidence.unshift(...zoneEvidence(reading.pages, today));
    const score = evidence.reduce((sum, { weight }) => sum + weight, 0);
    return { documentType, score, evidence };
  });
  // A document without any anchor is most likely of another type.
  const other = likelihood(minimumWeight - 1);
  const total = scored.reduce((sum, { score }) => sum + likelihood(score), other);
  const candidates = [
    ...scored.map(({ documentType, score }) => ({
      documentType,
      confidence: round(likelihood(score) / total),
    })),
    { documentType: 'unknown' as const, confidence: round(other / total) },
  ].toSorted((a, b) => b.confidence - a.confidence);
  const best = scored.toSorted((a, b) => b.score - a.score)[0]!;
  const known = best.score >= minimumWeight;
  const documentType: DocumentType = known ? best.documentType : 'unknown';
  const confidence = candidates.find(
    (candidate) => candidate.documentType === documentType,
  )!.confidence;
  return { documentType, confidence, candidates, evidence: known ? best.evidence : [] };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

function findAnchor(anchor: Anchor, lines: Line[]): Evidence | null {
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

/** A zone that begins with P is a passport's; an inconsistent one has half the weight. */
function zoneEvidence(pages: readonly PageReading[], today: Date): Evidence[] {
  for (const { page, zone } of pages) {
    const decoded = decodeZone(
      zone.map(({ text }) => text),
      today,
    );
    if (!decoded?.fields.documentCode.startsWith('P')) continue;
    const weight = isConsistent(decoded) ? zoneWeight : zoneWeight / 2;
    const box = unionOf(decoded.rows.map((row) => zone[row]!.box));
    return [{ anchor: 'machine-readable zone', weight, page, box }];
  }
  return [];
}
