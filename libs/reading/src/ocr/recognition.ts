import { PSM } from 'tesseract.js';

import type { OcrLanguage } from './language-data.ts';

/** A grey raster: one byte a pixel, row by row. It is rendered by this project, never untrusted. */
export interface GreyRaster {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** The longest side of a raster in pixels: Tesseract's coordinates have 16 bits. */
export const maximumSide = 32_767;

/** The layout of a text: a page of lines, one block, or scattered words. Tesseract's page segmentation modes. */
export const layouts = {
  page: PSM.SINGLE_COLUMN,
  block: PSM.SINGLE_BLOCK,
  sparse: PSM.SPARSE_TEXT,
};
export type Layout = keyof typeof layouts;

export interface RecognitionOptions {
  language: OcrLanguage;
  layout: Layout;
  dpi: number;
  /** Restricts the result to these characters. */
  alphabet?: string;
  /** Limit of processor time, in milliseconds. */
  processorMs: number;
  /** Elapsed time after which it is started again, in milliseconds. */
  wallMs: number;
  /** Receives the used processor time in milliseconds, whether it succeeded or failed. */
  onSpent?: (ms: number) => void;
  signal?: AbortSignal | undefined;
}

export interface RecognizedWord {
  text: string;
  /** 0 to 1. */
  confidence: number;
  /** Left, top, right, bottom in pixels. */
  pixels: [number, number, number, number];
}

export interface Recognition {
  words: RecognizedWord[];
  /** Mean over the words, weighted by their length. */
  confidence: number;
  /** How far lines fall, in pixels per pixel; 0 where it is unknown. */
  slope: number;
}

interface TesseractBlock {
  paragraphs: {
    lines: {
      baseline: { x0: number; y0: number; x1: number; y1: number };
      words: {
        text: string;
        confidence: number;
        bbox: { x0: number; y0: number; x1: number; y1: number };
      }[];
    }[];
  }[];
}

/** Shorter baselines have no reliable slope; in pixels. */
const minimumBaseline = 150;

/** Converts Tesseract's result. */
export function recognitionOf(blocks: readonly TesseractBlock[]): Recognition {
  const lines = blocks.flatMap((block) => block.paragraphs.flatMap(({ lines: own }) => own));
  const words = lines
    .flatMap((line) => line.words)
    .filter(({ text }) => text.trim())
    .map(({ text, confidence, bbox }) => ({
      text: text.trim(),
      confidence: Math.max(0, Math.min(1, confidence / 100)),
      pixels: [bbox.x0, bbox.y0, bbox.x1, bbox.y1] as RecognizedWord['pixels'],
    }));
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const weighted = words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0);
  const slopes = lines
    .map(({ baseline }) => baseline)
    .filter(({ x0, x1 }) => x1 - x0 > minimumBaseline)
    .map(({ x0, y0, x1, y1 }) => (y1 - y0) / (x1 - x0))
    .toSorted((a, b) => a - b);
  return {
    words,
    confidence: letters ? weighted / letters : 0,
    slope: slopes[Math.floor(slopes.length / 2)] ?? 0,
  };
}
