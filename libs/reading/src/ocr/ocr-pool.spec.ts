import { generate } from '@casewire/samples';
import sharp from 'sharp';
import { afterAll, expect, test, vi } from 'vitest';

import { OcrPool } from './ocr-pool.ts';
import type { RecognitionOptions } from './recognition.ts';

// Recognition is late on a busy machine.
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

test('a raster is recognized, with places and confidence', async () => {
  const { words, confidence, slope } = await pool.recognize(await header('en'), options());
  const title = words.find(({ text }) => text === 'PAYSLIP')!;
  expect(title.confidence).toBeGreaterThan(0.8);
  expect(title.pixels[0]).toBeGreaterThan(900);
  expect(confidence).toBeGreaterThan(0.8);
  expect(Math.abs(slope)).toBeLessThan(0.01);
});

test('a worker recognizes the next page in another language', async () => {
  const { words } = await pool.recognize(await header('es'), options({ language: 'spa' }));
  expect(words.map(({ text }) => text)).toContain('NÓMINA');
});

test('an alphabet restricts one page, and not the next', async () => {
  const raster = await header('en');
  const digits = await pool.recognize(raster, options({ alphabet: '0123456789' }));
  expect(digits.words.every(({ text }) => /^\d+$/.test(text))).toBe(true);
  const { words } = await pool.recognize(raster, options());
  expect(words.map(({ text }) => text)).toContain('PAYSLIP');
});

test('a page beyond its processor time is aborted, and the next one is recognized', async () => {
  const raster = await header('en');
  await expect(pool.recognize(raster, options({ processorMs: 5 }))).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_SLOW',
  });
  const { words } = await pool.recognize(raster, options());
  expect(words.length).toBeGreaterThan(10);
});

test('a page beyond its elapsed time is started again, and is not too slow', async () => {
  const raster = await header('en');
  await expect(pool.recognize(raster, options({ wallMs: 1 }))).rejects.toMatchObject({
    code: 'RECOGNIZER_BROKEN',
    retriable: true,
  });
  const { words } = await pool.recognize(raster, options());
  expect(words.length).toBeGreaterThan(10);
});

test('the time that a page waits for a worker does not count', async () => {
  const raster = await header('en');
  const spent: number[] = [];
  const read = () => pool.recognize(raster, options({ onSpent: (ms) => spent.push(ms) }));
  const began = performance.now();
  const readings = await Promise.all([read(), read(), read()]);
  const elapsed = performance.now() - began;
  for (const { words } of readings) expect(words.length).toBeGreaterThan(10);
  // The last one waited for two others.
  expect(spent.at(-1)).toBeLessThan(elapsed * 0.75);
});

test('a raster beyond the size of the recognizer is the fault of the document', async () => {
  const raster = { pixels: new Uint8Array(40_000).fill(255), width: 40_000, height: 1 };
  await expect(pool.recognize(raster, options())).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
  });
});

test('an aborted page rejects with the reason of the signal', async () => {
  const reason = new Error('the consumer stops');
  const running = pool.recognize(
    await header('en'),
    options({ signal: AbortSignal.abort(reason) }),
  );
  await expect(running).rejects.toThrow(reason);
});

test('a stopped pool refuses pages', async () => {
  const stopped = new OcrPool(1);
  await stopped.stop();
  await expect(stopped.recognize(await header('en'), options())).rejects.toThrow('stopped');
});
