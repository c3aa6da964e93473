import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { blocksOf, linksOf } from './page.ts';
import { comparedCells, hasSource, proofsOf, scriptsOf } from './readme.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = globSync(['*.md', 'docs/**/*.md', 'tools/*.md'], { cwd: root });
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const specs = globSync('{apps,libs,tools}/**/*.ts', {
  cwd: root,
  exclude: (name) => name === 'node_modules',
});

const brokenLinks = (page: string, text: string) =>
  linksOf(text).filter((link) => !existsSync(join(root, dirname(page), link)));
const missingProofs = (text: string) =>
  proofsOf(text).filter(
    ({ file, title }) =>
      !specs.some((spec) => basename(spec) === file && read(spec).includes(title)),
  );

test.each(pages)('every link of %s leads to a file', (page) => {
  expect(brokenLinks(page, read(page))).toEqual([]);
});

test('every npm script that README.md, CONTRIBUTING.md and getting-started.md name is there', () => {
  for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/getting-started.md']) {
    const named = scriptsOf(read(page));
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  }
});

test('every npm script is documented in README.md or CONTRIBUTING.md', () => {
  const documented = scriptsOf(read('README.md') + read('CONTRIBUTING.md')).concat(
    [...read('CONTRIBUTING.md').matchAll(/`(bench:\w+)`/g)].map(([, name]) => name!),
  );
  const others = Object.keys(scripts).filter((name) => name !== 'pretest');
  expect(others.filter((name) => !documented.includes(name))).toEqual([]);
});

describe('README.md', () => {
  const readme = read('README.md');

  test('is shorter than 120 lines', () => {
    expect(readme.split('\n').length).toBeLessThan(120);
  });

  test('names five guarantees, each with a test that is there', () => {
    expect(proofsOf(readme)).toHaveLength(5);
    expect(missingProofs(readme)).toEqual([]);
  });

  test('names a source for every statement about another product', () => {
    const cells = comparedCells(readme);
    expect(cells.length).toBeGreaterThan(50);
    expect(cells.filter((cell) => !hasSource(cell))).toEqual([]);
  });
});

test('every file that a recipe of CONTRIBUTING.md names is there', () => {
  const [, recipes = ''] = read('CONTRIBUTING.md').split('## Recipes');
  const named = [...recipes.matchAll(/`((?:apps|docs|libs|tools)\/[^`\s]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !path.includes('<'));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe('planted in a page,', () => {
  test('a link to nowhere is found, in Markdown and in HTML', () => {
    const text = '[a](flow.md) [b](nowhere.md#x) <img src="pictures/none.svg"> [c](https://x.test)';
    expect(brokenLinks('docs/x.md', text)).toEqual(['nowhere.md', 'pictures/none.svg']);
  });

  test('a test that is not there is found, by its file and by its title', () => {
    expect(
      missingProofs('`none.spec.ts`, “is green” and `page.ts`, “export interface Block”'),
    ).toEqual([{ file: 'none.spec.ts', title: 'is green' }]);
    expect(missingProofs('`page.ts`, “no such\n  title”')).toEqual([
      { file: 'page.ts', title: 'no such title' },
    ]);
  });

  test('a statement about another product without a source is found', () => {
    const row = '| order | ours | not documented | yes | [yes](https://x.test) | [no](docs/x.md) |';
    expect(comparedCells(row).filter((cell) => !hasSource(cell))).toEqual([
      'yes',
      '[no](docs/x.md)',
    ]);
  });

  test('scripts and fenced blocks are read as they are written', () => {
    expect(scriptsOf('npm install && npm run demo; npm test; `npm run bench:x -- --y`')).toEqual([
      'demo',
      'test',
      'bench:x',
    ]);
    expect(blocksOf('```sh\na\nb\n```\n\n```text\nc\n```\n')).toEqual([
      { language: 'sh', text: 'a\nb\n' },
      { language: 'text', text: 'c\n' },
    ]);
  });
});
