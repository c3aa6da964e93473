// A process of its own that recognizes a raster and prints the result.
import { OcrPool } from '../../src/ocr/ocr-pool.ts';

const pool = new OcrPool(1);
const raster = { pixels: new Uint8Array(10_000).fill(255), width: 100, height: 100 };
const options = {
  language: 'eng',
  layout: 'page',
  dpi: 100,
  processorMs: 20_000,
  wallMs: 60_000,
} as const;
const result = await pool.recognize(raster, options).then(
  ({ words }) => `${words.length} words`,
  ({ code }: { code?: string }) => code,
);
process.stdout.write(`${result}\n`);
await pool.stop();
