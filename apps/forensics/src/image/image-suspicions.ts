import type { Box } from '@casewire/contracts';

import {
  type Check,
  type Examined,
  ran,
  skipped,
  type Suspicion,
} from '../examination/suspicion.ts';
import type { ExaminedImage } from './examined-image.ts';
import type { Area } from './grey-image.ts';
import { imageLimits } from './image-limits.ts';

/** Where on which page the picture stands. */
export interface PlaceOfImage {
  page: number;
  box: Box;
}

const wholePage: Box = [0, 0, 1, 1];
const editors =
  /photoshop|gimp|affinity|pixelmator|lightroom|canva|picsart|snapseed|paint\.?net|illustrator|inkscape|acorn|pixlr|fotor|meitu|facetune/i;
const mostAreas = 3;

/** What the measurements of a picture mean, in words and places on the page. */
export function imageSuspicions(image: ExaminedImage, place: PlaceOfImage): Examined {
  const on = (area: Area): Box => onPage(area, image, place.box);
  const noisy = image.noise >= imageLimits.leastNoise;
  const quiet = `the picture has too little noise to compare places by (${image.noise.toFixed(1)} levels)`;
  const suspicions = [
    ...copies(image, place.page, on),
    ...smooth(image, place.page, on),
    ...fileSuspicions(image, place.page),
  ];
  return { suspicions, checks: [...pixelChecks(noisy, quiet), ...fileChecks(image)] };
}

function onPage(
  area: Area,
  { width, height }: ExaminedImage,
  [left, top, right, bottom]: Box,
): Box {
  const x = (value: number) => left + (value / width) * (right - left);
  const y = (value: number) => top + (value / height) * (bottom - top);
  return [x(area.left), y(area.top), x(area.right), y(area.bottom)];
}

function copies({ copy }: ExaminedImage, page: number, on: (area: Area) => Box): Suspicion[] {
  if (!copy) return [];
  const marks = copy.places.map(on);
  // Which of the two is the copy cannot be seen: both are shown.
  return marks.map((box) => ({
    code: 'COPY_MOVE',
    severity: 'high',
    confidence: Math.min(0.97, 0.75 + copy.votes / 5000),
    page,
    box,
    marks,
    explanation:
      'This place and another one of the page are the same, noise included: one is a copy of the other.',
  }));
}

function smooth(
  { smooth: areas }: ExaminedImage,
  page: number,
  on: (area: Area) => Box,
): Suspicion[] {
  return areas
    .toSorted((a, b) => b.blocks - a.blocks)
    .slice(0, mostAreas)
    .map(({ area, ratio, blocks }) => ({
      code: 'NOISE_INCONSISTENT',
      severity: 'high',
      confidence: Math.min(0.95, 0.6 + blocks / 80),
      page,
      box: on(area),
      explanation: `This area has ${Math.round(ratio * 100)}% of the noise of the page around it, as what is pasted onto a scan has.`,
    }));
}

function fileSuspicions({ jpeg, software }: ExaminedImage, page: number): Suspicion[] {
  const suspicions: Suspicion[] = [];
  const about = { page, box: wholePage };
  const score = jpeg?.doubleCompression ?? 0;
  if (score > imageLimits.doubleCompression) {
    suspicions.push({
      ...about,
      code: 'DOUBLE_COMPRESSION',
      severity: 'low',
      confidence: Math.min(0.9, 0.5 + score),
      explanation: 'The picture was saved as JPEG more than once.',
    });
  }
  if (jpeg && jpeg.trailing > 0) {
    suspicions.push({
      ...about,
      code: 'TRAILING_DATA',
      severity: 'low',
      confidence: 0.9,
      explanation: `${jpeg.trailing} bytes follow the end of the picture.`,
    });
  }
  if (software && editors.test(software)) {
    suspicions.push({
      ...about,
      code: 'EDITING_SOFTWARE',
      severity: 'medium',
      confidence: 0.9,
      explanation: `The file says that it was made with ${software}.`,
    });
  }
  return suspicions;
}

const pixelChecks = (noisy: boolean, quiet: string): Check[] =>
  ['COPY_MOVE', 'NOISE_INCONSISTENT'].map((code) => (noisy ? ran(code) : skipped(code, quiet)));

function fileChecks({ jpeg }: ExaminedImage): Check[] {
  const none = 'the picture is no JPEG';
  const grid = 'the picture was made smaller, or has too little in it to tell';
  return [
    !jpeg
      ? skipped('DOUBLE_COMPRESSION', none)
      : jpeg.doubleCompression === null
        ? skipped('DOUBLE_COMPRESSION', grid)
        : ran('DOUBLE_COMPRESSION'),
    jpeg ? ran('TRAILING_DATA') : skipped('TRAILING_DATA', none),
    ran('EDITING_SOFTWARE'),
  ];
}
