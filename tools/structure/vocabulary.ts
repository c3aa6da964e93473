import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Retired words, each with the word of docs/glossary.md that replaces it. A key is one word, or several that follow each other in
 * an identifier (camelCase, kebab-case and snake_case alike) or in a sentence.
 */
export const retiredWords: Readonly<Record<string, string>> = {
  'blob debt': 'pending blob deletion',
  consumption: 'partition consumer',
  containment: 'sandbox',
  'contained process': 'sandboxed process',
  duty: 'leader task',
  'delivery outcome': 'delivery event',
  'dispatch outcome': 'attempt result',
  forgive: 'cancel the deletion',
  forgiven: 'canceled',
  hasten: 'expedite',
  'held lane': 'blocked lane',
  'held lanes': 'blocked lanes',
  'held delivery': 'blocked delivery',
  'held deliveries': 'blocked deliveries',
  'hold lanes': 'lock lanes',
  'hold cursors': 'lock cursors',
  inbox: 'intake',
  lively: 'recently active',
  'memory lanes': 'memory lane store',
  mend: 'repair',
  mended: 'repaired',
  'gather notices': 'gather alerts',
  'nobody trusts': 'untrusted',
  'outcome event': 'delivery event',
  owe: 'schedule the deletion',
  owes: 'is scheduled for deletion',
  owed: 'scheduled for deletion',
  plants: 'seeded bugs',
  poke: 'wake',
  'throws refusal': 'throws ApiError',
  'letter sender': 'notification sender',
  'sole owner': 'leader task',
  'stage outcome': 'stage result',
  'stage outcomes': 'stage results',
  takeover: 'synchronization',
  'taken in': 'ingested',
  'takes in': 'ingests',
  tell: 'publish, report',
  tells: 'publishes, reports',
  telling: 'publishing, reporting',
  told: 'published, reported',
  upkeep: 'maintenance',
  world: 'environment',
  worlds: 'environments',
};

const places = ['{apps,libs,tools}/**/*.ts', 'docs/**/*.md', '*.md', 'docs/api/*.json'];

/** What must be able to name a retired word: this list, its spec, and the page that says what replaced it. */
const exempt = /^(?:tools\/structure\/vocabulary|CHANGELOG\.md)/;

/** Identifiers and sentences as words in lower case, without the signs between them. */
const wordsOf = (line: string): string =>
  ` ${line
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')} `;

/** Each retired word in the sources and the documentation: where it is, and what to write instead. */
export function retiredWordsIn(root: string, files: readonly string[] = filesOf(root)): string[] {
  const retired = Object.entries(retiredWords).map(([word, plain]) => [` ${word} `, plain]);
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const words = wordsOf(line);
        return retired
          .filter(([word]) => words.includes(word!))
          .map(([word, plain]) => `${file}:${index + 1}: "${word!.trim()}" is now "${plain}"`);
      }),
  );
}

const filesOf = (root: string): string[] =>
  places
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !exempt.test(file) && !file.includes('node_modules'));
