import { generate } from '@casewire/samples';
import sharp from 'sharp';
import { afterAll, expect, test, vi } from 'vitest';

import { OcrPool } from './ocr-pool.ts';
import type { RecognitionOptions } from './recognition.ts';

// A busy machine makes recognition late.
vi.setConfig({ testTimeout: 120_000 });

const pool = new OcrPool(1);
afterAll(() => pool.stop());

async function header(language: 'en' | 'es') {
  const { bytes } = await generate('payslip', { seed: 301, language });
  const { data, info } = await sharp(bytes)
    .extract({ left: 0, top: 0, width: 1239, height: 460 })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(data), width: info.width, height: info.height };
}

const options = (more: Partial<RecognitionOptions> = {}): RecognitionOptions => ({
  language: 'eng',
  layout: 'page',
  dpi: 150,
  processorMs: 20_000,
  wallMs: 60_000,
  ...more,
});

test('a raster is read, with places and confidence', async () => {
  const { words, confidence, slope } = await pool.recognize(await header('en'), options());
  const title = words.find(({ text }) => text === 'PAYSLIP')!;
  expect(title.confidence).toBeGreaterThan(0.8);
  expect(title.pixels[0]).toBeGreaterThan(900);
  expect(confidence).toBeGreaterThan(0.8);
  expect(Math.abs(slope)).toBeLessThan(0.01);
});

test('the next page may be in another language', async () => {
  const { words } = await pool.recognize(await header('es'), options({ language: 'spa' }));
  expect(words.map(({ text }) => text)).toContain('NÓMINA');
});

test('an alphabet is kept to, and forgotten with the next page', async () => {
  const raster = await header('en');
  const digits = await pool.recognize(raster, options({ alphabet: '0123456789' }));
  expect(digits.words.every(({ text }) => /^\d+$/.test(text))).toBe(true);
  const { words } = await pool.recognize(raster, options());
  expect(words.map(({ text }) => text)).toContain('PAYSLIP');
});

test('a page that takes too long is given up, and the next one is read', async () => {
  const raster = await header('en');
  await expect(pool.recognize(raster, options({ processorMs: 5 }))).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_SLOW',
  });
  const { words } = await pool.recognize(raster, options());
  expect(words.length).toBeGreaterThan(10);
});

test('a page that does not come to its end in time is begun anew, and is not called too slow', async () => {
  const raster = await header('en');
  await expect(pool.recognize(raster, options({ wallMs: 1 }))).rejects.toMatchObject({
    code: 'RECOGNIZER_BROKEN',
    retriable: true,
  });
  const { words } = await pool.recognize(raster, options());
  expect(words.length).toBeGreaterThan(10);
});

test('waiting for a recognizer is no part of what a page may take', async () => {
  const raster = await header('en');
  const spent: number[] = [];
  const read = () => pool.recognize(raster, options({ onSpent: (ms) => spent.push(ms) }));
  const began = performance.now();
  const readings = await Promise.all([read(), read(), read()]);
  const passed = performance.now() - began;
  for (const { words } of readings) expect(words.length).toBeGreaterThan(10);
  // The last one waited for two others.
  expect(spent.at(-1)).toBeLessThan(passed * 0.75);
});

test('a raster that the recognizer cannot hold is a fault of the document', async () => {
  const raster = { pixels: new Uint8Array(40_000).fill(255), width: 40_000, height: 1 };
  await expect(pool.recognize(raster, options())).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
  });
});

test('aborting gives a page up with the reason that was given', async () => {
  const reason = new Error('the consumer stops');
  const running = pool.recognize(
    await header('en'),
    options({ signal: AbortSignal.abort(reason) }),
  );
  await expect(running).rejects.toThrow(reason);
});

test('a pool that was stopped takes no more pages', async () => {
  const stopped = new OcrPool(1);
  await stopped.stop();
  await expect(stopped.recognize(await header('en'), options())).rejects.toThrow('stopped');
});
