import type { Box } from '@casewire/contracts';

import {
  type CheckResults,
  type CheckStatus,
  finding,
  type FindingDraft,
  ran,
  skipped,
} from '../findings/finding.ts';
import type { Area } from './grey-image.ts';
import { imageLimits } from './image-limits.ts';
import type { ImageMeasurements } from './image-measurements.ts';

/** The place of a picture in its document. */
export interface PicturePlace {
  page: number;
  box: Box;
}

const wholePage: Box = [0, 0, 1, 1];
const editors =
  /photoshop|gimp|affinity|pixelmator|lightroom|canva|picsart|snapseed|paint\.?net|illustrator|inkscape|acorn|pixlr|fotor|meitu|facetune/i;
const maximumAreas = 3;

/** The findings that the measurements of a picture give, with places on the page. */
export function imageFindings(image: ImageMeasurements, place: PicturePlace): CheckResults {
  const onPage = (area: Area): Box => boxOnPage(area, image, place.box);
  return {
    findings: [
      ...copyFindings(image, place.page, onPage),
      ...noiseFindings(image, place.page, onPage),
      ...fileFindings(image, place.page),
    ],
    checks: [...pixelChecks(image), ...fileChecks(image)],
  };
}

function boxOnPage(
  area: Area,
  { width, height }: ImageMeasurements,
  [left, top, right, bottom]: Box,
): Box {
  const x = (value: number) => left + (value / width) * (right - left);
  const y = (value: number) => top + (value / height) * (bottom - top);
  return [x(area.left), y(area.top), x(area.right), y(area.bottom)];
}

function copyFindings(
  { copy }: ImageMeasurements,
  page: number,
  onPage: (area: Area) => Box,
): FindingDraft[] {
  if (!copy) return [];
  const confidence = Math.min(0.97, 0.75 + copy.votes / 5000);
  const marks = copy.places.map(onPage);
  // The pixels do not show which of the two places is the copy: both are findings.
  return marks.map((box) => finding('COPY_MOVE', { page, box, marks, confidence }));
}

function noiseFindings(
  { smooth }: ImageMeasurements,
  page: number,
  onPage: (area: Area) => Box,
): FindingDraft[] {
  return smooth
    .toSorted((a, b) => b.blocks - a.blocks)
    .slice(0, maximumAreas)
    .map(({ area, ratio, blocks }) => {
      const confidence = Math.min(0.95, 0.6 + blocks / 80);
      return finding('NOISE_INCONSISTENT', { page, box: onPage(area), confidence }, { ratio });
    });
}

function fileFindings({ jpeg, software }: ImageMeasurements, page: number): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const place = { page, box: wholePage };
  const score = jpeg?.doubleCompression ?? 0;
  if (score > imageLimits.doubleCompression) {
    const confidence = Math.min(0.9, 0.5 + score);
    findings.push(finding('DOUBLE_COMPRESSION', { ...place, confidence }));
  }
  if (jpeg && jpeg.trailing > 0) {
    const facts = { bytes: jpeg.trailing, after: 'picture' } as const;
    findings.push(finding('TRAILING_DATA', { ...place, confidence: 0.9 }, facts));
  }
  if (software && editors.test(software)) {
    findings.push(finding('EDITING_SOFTWARE', { ...place, confidence: 0.9 }, { software }));
  }
  return findings;
}

function pixelChecks({ noise }: ImageMeasurements): CheckStatus[] {
  const reason = `the picture has too little noise to compare places by (${noise.toFixed(1)} levels)`;
  const codes = ['COPY_MOVE', 'NOISE_INCONSISTENT'] as const;
  return codes.map((code) =>
    noise >= imageLimits.minimumNoise ? ran(code) : skipped(code, reason),
  );
}

function fileChecks({ jpeg }: ImageMeasurements): CheckStatus[] {
  if (!jpeg) {
    const reason = 'the picture is no JPEG';
    return [
      skipped('DOUBLE_COMPRESSION', reason),
      skipped('TRAILING_DATA', reason),
      ran('EDITING_SOFTWARE'),
    ];
  }
  return [
    jpeg.doubleCompression === null
      ? skipped(
          'DOUBLE_COMPRESSION',
          'the picture was scaled down, or has too little content to decide',
        )
      : ran('DOUBLE_COMPRESSION'),
    ran('TRAILING_DATA'),
    ran('EDITING_SOFTWARE'),
  ];
}
