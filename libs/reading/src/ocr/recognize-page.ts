import type { Box } from '@casewire/contracts';

import { languageOf } from '../document/language.ts';
import { withLines } from '../document/lines.ts';
import type { PageReading } from '../document/reading.ts';
import {
  decodeZone,
  isConsistent,
  type MachineReadableZone,
} from '../mrz/machine-readable-zone.ts';
import type { OcrLanguage } from './language-data.ts';
import type { OcrPool } from './ocr-pool.ts';
import { busiestQuarter, levelled, rows, scaled, turned } from './raster-geometry.ts';
import { longestSide } from './recognition.ts';
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
  /** Null: to be found out from a quick look. */
  language: OcrLanguage | null;
  /** Processor time of each recognition, in milliseconds. */
  processorMs: number;
  /** Time that may pass over each, in milliseconds. */
  wallMs: number;
  signal?: AbortSignal | undefined;
  today: Date;
}

/** The little of a pool that is used here. */
export type Recognizer = Pick<OcrPool, 'recognize'>;

export interface RecognizedPage extends PageReading {
  recognizedAs: OcrLanguage;
}

/** Below this a reading is poor: other ways up are tried. */
const poor = 0.65;
/** About 2.5 degrees: from here on lines are lost. */
const steep = 0.044;

type Quarter = 0 | 90 | 180 | 270;

interface Attempt {
  recognition: Recognition;
  raster: GreyRaster;
  rotation: Quarter;
  back: ((pixels: RecognizedWord['pixels']) => RecognizedWord['pixels']) | null;
}

/**
 * Reads a page of pixels: in its language, level, the right way up, and once more where it bears a zone.
 * @throws DocumentError; RecognizerBroken; the signal's reason when aborted
 */
export async function recognizePage(
  pool: Recognizer,
  page: PageToRecognize,
): Promise<RecognizedPage> {
  const read = await recognizeIn(page.language, pool, page);
  const zone = decodeZone(
    read.zone.map(({ text }) => text),
    page.today,
  );
  const spanish = zone && spanishSpeaking.has(zone.fields.issuingCountry);
  return spanish && read.recognizedAs !== 'spa' ? recognizeIn('spa', pool, page) : read;
}

/** Issuers whose names have accents, on documents whose labels may all be English. */
const spanishSpeaking = new Set(
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
  // Lines are told where the text stands upright; boxes are given where the page shows it.
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

/** The language of the part that says most, read as English: enough letters survive to tell Spanish by. */
async function quickLanguage(
  pool: Recognizer,
  raster: GreyRaster,
  options: Options,
): Promise<OcrLanguage> {
  const look = await pool.recognize(busiestQuarter(raster), { ...options, language: 'eng' });
  const text = look.words.filter(({ confidence }) => confidence > 0.4).map((word) => word.text);
  return languageOf(text.join(' ')) === 'es' ? 'spa' : 'eng';
}

const hasInk = ({ pixels }: GreyRaster): boolean => {
  let dark = 0;
  for (let i = 0; i < pixels.length; i += 7) if (pixels[i]! < 110) dark++;
  return dark > pixels.length / 7 / 500;
};

/** How much was read that can be relied on. */
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

/** Where lines look like a zone, reads them again with nothing but a zone's characters, at more than one size. */
async function readZone(
  pool: Recognizer,
  { recognition, raster }: Attempt,
  options: Options,
  today: Date,
  box: (pixels: RecognizedWord['pixels']) => Box,
): Promise<PageReading['zone']> {
  const suspects = recognition.words.filter(({ text }) => looksLikeZone(text));
  if (suspects.length === 0) return [];
  const heights = suspects.map(({ pixels }) => pixels[3] - pixels[1]).toSorted((a, b) => a - b);
  const line = heights[Math.floor(heights.length / 2)]!;
  // Of a zone that is hard to read only one line may have been seen: its neighbours are taken in.
  const top = Math.min(...suspects.map(({ pixels }) => pixels[1])) - line * 3;
  const bottom = Math.max(...suspects.map(({ pixels }) => pixels[3])) + line * 3;
  const strip = rows(raster, top, bottom);
  const offset = Math.max(0, Math.round(top));
  let best: { zone: MachineReadableZone | null; lines: PageReading['zone'] } = {
    zone: null,
    lines: [],
  };
  for (const height of [30, 22, 44]) {
    const scale = Math.min(3, height / line, longestSide / strip.width);
    const { words } = await pool.recognize(await scaled(strip, scale), {
      ...options,
      language: 'eng',
      layout: 'block',
      alphabet: zoneAlphabet,
    });
    // Joined where the text stands upright, placed where the page shows it.
    const upright = words.map(({ text, pixels: at }) => ({
      text,
      box: at.map((value, i) => value / scale + (i % 2 ? offset : 0)) as Box,
    }));
    const lines = joined(upright).map(({ text, box: pixels }) => ({ text, box: box(pixels) }));
    const zone = decodeZone(
      lines.map(({ text }) => text),
      today,
    );
    if (!best.zone || (zone && soundness(zone) > soundness(best.zone))) best = { zone, lines };
    if (zone && isConsistent(zone)) break;
  }
  return best.zone ? best.zone.rows.map((row) => best.lines[row]!) : [];
}

const soundness = (zone: MachineReadableZone): number =>
  Object.values(zone.checks).filter(Boolean).length - zone.problems.length / 4;

function joined(words: { text: string; box: Box }[]): PageReading['zone'] {
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
