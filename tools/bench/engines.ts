import { parseArgs } from 'node:util';

import { DocumentExaminer } from '@casewire/forensics';
import { openReader } from '@casewire/reading';
import type { Degradation, Language, SampleKind } from '@casewire/samples';

import { measure, type Measured } from './engines/measure.ts';
import { watchMemory } from './engines/peak-memory.ts';

/**
 * Measures the engines on generated documents with known contents that no test uses: clean, skewed, noisy, of low resolution.
 * `--count` documents of each text PDF, and half as many of each scan; `--verbose` prints errors; `--json` adds a line of JSON.
 */
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '8' },
    workers: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(options.count);
const firstSeed = 9_001;

interface Series {
  name: string;
  kind: SampleKind;
  language?: Language;
  degrade?: Degradation;
  scanned?: boolean;
}

const text = (kind: SampleKind, language: Language = 'en'): Series => ({
  name: `${kind} ${language}`,
  kind,
  language,
});
const degradations: Record<string, Degradation> = {
  clean: {},
  'skew 3°': { skewDegrees: 3 },
  'noise 14': { noise: 14 },
  '100 dpi': { dpi: 100 },
};
const scans = (kind: SampleKind, language: Language = 'en'): Series[] =>
  Object.entries(degradations).map(([name, degrade]) => ({
    name: `${kind} ${language}, ${name}`,
    kind,
    language,
    degrade,
    scanned: true,
  }));

const series: Series[] = [
  text('bank_statement'),
  text('bank_statement', 'es'),
  text('invoice'),
  text('invoice', 'es'),
  text('birth_certificate', 'es'),
  text('letter'),
  text('legal_text', 'es'),
  text('bank_statement_overlay'),
  text('bank_statement_revised'),
  ...scans('payslip'),
  ...scans('payslip', 'es'),
  ...scans('payslip_pdf'),
  ...scans('passport'),
  ...scans('birth_certificate_image', 'es'),
  ...(['passport_copy_move', 'payslip_patch', 'payslip_resaved'] as const).flatMap((kind) =>
    scans(kind),
  ),
];

const sum = (measured: readonly Measured[], value: (one: Measured) => number) =>
  measured.reduce((all, one) => all + value(one), 0);
const share = (part: number, whole: number) =>
  whole === 0 ? null : Number((part / whole).toFixed(3));
const seconds = (ms: number) => Number((ms / 1000).toFixed(2));

function summary(measured: readonly Measured[]) {
  const tampered = measured.filter((one) => one.tampered);
  const genuine = measured.filter((one) => !one.tampered);
  return {
    documents: measured.length,
    classified: share(measured.filter((one) => one.classified).length, measured.length),
    fieldsExact: share(
      sum(measured, (one) => one.fieldsExact),
      sum(measured, (one) => one.fields),
    ),
    wordRecall: share(
      sum(measured, (one) => one.wordsRead),
      sum(measured, (one) => one.words),
    ),
    tamperingFound: share(tampered.filter((one) => one.found).length, tampered.length),
    falseAlarms: share(genuine.filter((one) => one.alarmed).length, genuine.length),
    readSeconds: seconds(sum(measured, (one) => one.readMs) / measured.length),
    forensicsSeconds: seconds(sum(measured, (one) => one.forensicsMs) / measured.length),
  };
}

const shown = (value: number | null) => (value === null ? '-' : String(value));

const memory = watchMemory();
const opened = openReader({ ocrWorkers: Number(options.workers) });
const examiner = new DocumentExaminer(opened.reader);
const all: { series: Series; measured: Measured[] }[] = [];
for (const one of series) {
  const measured: Measured[] = [];
  const documents = one.scanned ? Math.max(1, Math.round(count / 2)) : count;
  for (let seed = firstSeed; seed < firstSeed + documents; seed++) {
    const { kind, language = 'en', degrade = {} } = one;
    const result = await measure(kind, { seed, language, degrade }, opened.reader, examiner);
    measured.push(result);
    if (!options.verbose) continue;
    const faults = [
      ...(result.classified ? [] : ['misclassified']),
      ...result.wrongFields,
      ...(result.alarmed ? [`false alarm: ${result.codes.join(' ')}`] : []),
      ...(result.tampered && !result.found ? ['tampering not found'] : []),
    ];
    if (faults.length > 0) console.log(`${one.name} #${seed}: ${faults.join('; ')}`);
  }
  all.push({ series: one, measured });
}
await opened.close();
const peak = memory.stop();

const rows = all.map(({ series: { name }, measured }) => ({ name, ...summary(measured) }));
const of = (chosen: (one: Series) => boolean) =>
  summary(all.filter((one) => chosen(one.series)).flatMap(({ measured }) => measured));
const isClean = ({ degrade }: Series) => Object.keys(degrade ?? {}).length === 0;
const totals = {
  'all text PDFs': of(({ scanned }) => !scanned),
  'all clean scans': of((one) => one.scanned === true && isClean(one)),
  'all degraded scans': of((one) => one.scanned === true && !isClean(one)),
  everything: of(() => true),
};
const columns = [
  'documents',
  'classified',
  'fieldsExact',
  'wordRecall',
  'tamperingFound',
  'falseAlarms',
  'readSeconds',
  'forensicsSeconds',
] as const;
const printed = [...rows, ...Object.entries(totals).map(([name, total]) => ({ name, ...total }))];
console.log(['', ...columns].map((cell, i) => (i ? cell.padStart(17) : cell.padEnd(40))).join(''));
for (const row of printed) {
  console.log(
    row.name.padEnd(40) + columns.map((column) => shown(row[column]).padStart(17)).join(''),
  );
}
const translations = all.flatMap(({ series: { name }, measured }) =>
  measured.map(({ translation }) => ({ name, translation })),
);
const covered = translations.filter(({ translation }) => typeof translation === 'number');
const refused = translations.filter(({ translation }) => typeof translation === 'string');
console.log(`\ntranslations from Spanish: ${covered.length} completed, ${refused.length} refused`);
console.log(
  `peak memory: ${peak.own} MB, with sandboxed processes ${peak.withChildren} MB (${options.workers} OCR worker(s))`,
);
if (options.json) {
  console.log(
    JSON.stringify({
      rows,
      totals,
      translations: { handedOut: covered.length, refused: refused.length },
      peakMegabytes: peak,
    }),
  );
}
