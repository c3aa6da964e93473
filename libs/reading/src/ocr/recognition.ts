import { PSM } from 'tesseract.js';

import type { OcrLanguage } from './language-data.ts';

/** A grey raster of our own making: one byte a pixel, row by row. */
export interface GreyRaster {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** Of a raster, in pixels: Tesseract holds coordinates in 16 bits. */
export const longestSide = 32_767;

/** How text is laid out: a page of lines, one block, or words here and there. Tesseract's page segmentation modes. */
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
  /** Only these characters. */
  alphabet?: string;
  /** Processor time that it may use, in milliseconds. */
  processorMs: number;
  /** Time that may pass before it is begun anew, in milliseconds. */
  wallMs: number;
  /** Is given the processor time that it used, in milliseconds, however it ended. */
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
  /** How far lines fall, in pixels per pixel; 0 where it cannot be told. */
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

const widest = 150;

/** What Tesseract answers, in our terms. */
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
    .filter(({ x0, x1 }) => x1 - x0 > widest)
    .map(({ x0, y0, x1, y1 }) => (y1 - y0) / (x1 - x0))
    .toSorted((a, b) => a - b);
  return {
    words,
    confidence: letters ? weighted / letters : 0,
    slope: slopes[Math.floor(slopes.length / 2)] ?? 0,
  };
}
