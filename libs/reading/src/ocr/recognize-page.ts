import type { Box } from '@casewire/contracts';

import {
  decodeZone,
  isConsistent,
  type MachineReadableZone,
} from '../mrz/machine-readable-zone.ts';
import { languageOf } from '../text/language.ts';
import { withLines } from '../text/lines.ts';
import type { PageReading } from '../text/reading.ts';
import type { OcrLanguage } from './language-data.ts';
import type { OcrPool } from './ocr-pool.ts';
import { busiestQuarter, levelled, rows, scaled, turned } from './raster-geometry.ts';
import { maximumSide } from './recognition.ts';
import type {
  GreyRaster,
  Layout,
  Recognition,
  RecognitionOptions,
  RecognizedWord,
} from './recognition.ts';

export interface PageToRecognize {
  page: number;
  raster: GreyRaster;
  dpi: number;
  layout: Layout;
  /** Null: determined by a quick recognition. */
  language: OcrLanguage | null;
  /** Limit of processor time of each recognition, in milliseconds. */
  processorMs: number;
  /** Limit of elapsed time of each, in milliseconds. */
  wallMs: number;
  signal?: AbortSignal | undefined;
  today: Date;
}

/** The part of a pool that this module uses. */
export type Recognizer = Pick<OcrPool, 'recognize'>;

export interface RecognizedPage extends PageReading {
  recognizedAs: OcrLanguage;
}

/** Below this confidence other rotations are tried. */
const poor = 0.65;
/** About 2.5 degrees: on a steeper page the recognizer misses lines. */
const steep = 0.044;

type Quarter = 0 | 90 | 180 | 270;

interface Attempt {
  recognition: Recognition;
  raster: GreyRaster;
  rotation: Quarter;
  back: ((pixels: RecognizedWord['pixels']) => RecognizedWord['pixels']) | null;
}

/**
 * Recognizes a page: in its language, upright and level. A machine-readable zone is recognized once more by itself.
 * @throws DocumentError; RecognizerBroken; the signal's reason when aborted
 */
export async function recognizePage(
  pool: Recognizer,
  page: PageToRecognize,
): Promise<RecognizedPage> {
  const result = await recognizeIn(page.language, pool, page);
  const zone = decodeZone(
    result.zone.map(({ text }) => text),
    page.today,
  );
  const spanish = zone && spanishIssuers.has(zone.fields.issuingCountry);
  return spanish && result.recognizedAs !== 'spa' ? recognizeIn('spa', pool, page) : result;
}

/** Issuing countries with Spanish names: the labels of their documents may all be English. */
const spanishIssuers = new Set(
  'ARG BOL CHL COL CRI CUB DOM ECU ESP GTM HND MEX NIC PAN PER PRY SLV URY VEN'.split(' '),
);

async function recognizeIn(
  known: OcrLanguage | null,
  pool: Recognizer,
  page: PageToRecognize,
): Promise<RecognizedPage> {
  const options = {
    dpi: page.dpi,
    layout: page.layout,
    processorMs: page.processorMs,
    wallMs: page.wallMs,
    signal: page.signal,
  };
  const language = known ?? (await quickLanguage(pool, page.raster, options));
  const read = (raster: GreyRaster) => pool.recognize(raster, { ...options, language });

  let best: Attempt = {
    recognition: await read(page.raster),
    raster: page.raster,
    rotation: 0,
    back: null,
  };
  if (best.recognition.confidence < poor && hasInk(page.raster)) best = await bestTurn(best, read);
  if (Math.abs(best.recognition.slope) > steep) best = await level(best, read);

  const { width, height } = page.raster;
  const box = (pixels: RecognizedWord['pixels']): Box => {
    const [left, top, right, bottom] = best.back ? best.back(pixels) : pixels;
    return [left / width, top / height, right / width, bottom / height];
  };
  const { raster } = best;
  // Lines are found in the upright raster; boxes are places on the original page.
  const placed = withLines(
    best.recognition.words.map((word) => ({
      ...word,
      box: fractions(word.pixels, raster),
    })),
    (best.recognition.slope * raster.width) / raster.height,
  );
  return {
    page: page.page,
    source: 'ocr',
    dpi: Math.round(page.dpi),
    rotation: best.rotation,
    aspect: width / height,
    words: placed.map(({ text, confidence, pixels, line }) => ({
      text,
      confidence,
      box: box(pixels),
      line,
      font: null,
    })),
    zone: await readZone(pool, best, options, page.today, box),
    recognizedAs: language,
  };
}

const fractions = (
  [x0, y0, x1, y1]: RecognizedWord['pixels'],
  { width, height }: GreyRaster,
): Box => [x0 / width, y0 / height, x1 / width, y1 / height];

type Options = Omit<RecognitionOptions, 'language'>;

/** The language of the part with the most text. It is recognized as English: enough letters are right to detect Spanish. */
async function quickLanguage(
  pool: Recognizer,
  raster: GreyRaster,
  options: Options,
): Promise<OcrLanguage> {
  const quick = await pool.recognize(busiestQuarter(raster), { ...options, language: 'eng' });
  const text = quick.words.filter(({ confidence }) => confidence > 0.4).map((word) => word.text);
  return languageOf(text.join(' ')) === 'es' ? 'spa' : 'eng';
}

const hasInk = ({ pixels }: GreyRaster): boolean => {
  let dark = 0;
  for (let i = 0; i < pixels.length; i += 7) if (pixels[i]! < 110) dark++;
  return dark > pixels.length / 7 / 500;
};

/** The amount of reliably recognized text. */
const yieldOf = ({ words }: Recognition): number =>
  words.reduce(
    (sum, { text, confidence }) => sum + (confidence > 0.6 ? text.length * confidence : 0),
    0,
  );

async function bestTurn(
  first: Attempt,
  read: (raster: GreyRaster) => Promise<Recognition>,
): Promise<Attempt> {
  let best = first;
  for (const degrees of [180, 90, 270] as const) {
    const { raster, back } = turned(first.raster, degrees);
    const recognition = await read(raster);
    if (yieldOf(recognition) > yieldOf(best.recognition) * 1.3 + 5) {
      best = { recognition, raster, rotation: degrees, back };
    }
    if (best.recognition.confidence > 0.8) break;
  }
  return best;
}

async function level(
  tilted: Attempt,
  read: (raster: GreyRaster) => Promise<Recognition>,
): Promise<Attempt> {
  const { raster, back } = await levelled(tilted.raster, tilted.recognition.slope);
  const recognition = await read(raster);
  if (yieldOf(recognition) <= yieldOf(tilted.recognition)) return tilted;
  const before = tilted.back;
  return {
    recognition,
    raster,
    rotation: tilted.rotation,
    back: before ? (pixels) => before(back(pixels)) : back,
  };
}

const zoneAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<';
const looksLikeZone = (text: string) => /<<|[A-Z0-9<]{25,}/.test(text.replaceAll(/[\s«]/g, ''));

/** Recognizes lines that look like a zone once more, with the alphabet of a zone and in several sizes. */
async function readZone(
  pool: Recognizer,
  { recognition, raster }: Attempt,
  options: Options,
  today: Date,
  box: (pixels: RecognizedWord['pixels']) => Box,
): Promise<PageReading['zone']> {
  const zoneWords = recognition.words.filter(({ text }) => looksLikeZone(text));
  if (zoneWords.length === 0) return [];
  const heights = zoneWords.map(({ pixels }) => pixels[3] - pixels[1]).toSorted((a, b) => a - b);
  const line = heights[Math.floor(heights.length / 2)]!;
  // Only one line of a zone may have been recognized: the strip includes its neighbours.
  const top = Math.min(...zoneWords.map(({ pixels }) => pixels[1])) - line * 3;
  const bottom = Math.max(...zoneWords.map(({ pixels }) => pixels[3])) + line * 3;
  const strip = rows(raster, top, bottom);
  const offset = Math.max(0, Math.round(top));
  let best: { zone: MachineReadableZone | null; lines: PageReading['zone'] } = {
    zone: null,
    lines: [],
  };
  for (const height of [30, 22, 44]) {
    const scale = Math.min(3, height / line, maximumSide / strip.width);
    const { words } = await pool.recognize(await scaled(strip, scale), {
      ...options,
      language: 'eng',
      layout: 'block',
      alphabet: zoneAlphabet,
    });
    // Joined in the upright raster; boxes are places on the original page.
    const upright = words.map(({ text, pixels: at }) => ({
      text,
      box: at.map((value, i) => value / scale + (i % 2 ? offset : 0)) as Box,
    }));
    const lines = joinLines(upright).map(({ text, box: pixels }) => ({ text, box: box(pixels) }));
    const zone = decodeZone(
      lines.map(({ text }) => text),
      today,
    );
    if (!best.zone || (zone && consistency(zone) > consistency(best.zone))) best = { zone, lines };
    if (zone && isConsistent(zone)) break;
  }
  return best.zone ? best.zone.rows.map((row) => best.lines[row]!) : [];
}

const consistency = (zone: MachineReadableZone): number =>
  Object.values(zone.checks).filter(Boolean).length - zone.problems.length / 4;

function joinLines(words: { text: string; box: Box }[]): PageReading['zone'] {
  const lines: PageReading['zone'] = [];
  let current = -1;
  for (const word of withLines(words)) {
    const last = lines.at(-1);
    if (!last || word.line !== current) {
      lines.push({ text: word.text, box: word.box });
      current = word.line;
      continue;
    }
    last.text += word.text;
    last.box = [
      last.box[0],
      Math.min(last.box[1], word.box[1]),
      word.box[2],
      Math.max(last.box[3], word.box[3]),
    ];
  }
  return lines;
}
