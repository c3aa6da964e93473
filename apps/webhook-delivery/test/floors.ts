import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** The folders of `src` from the lowest floor to the highest; everything else is above them. */
export const floors: readonly (readonly string[])[] = [
  ['model'],
  ['registry'],
  ['engine/egress', 'engine/delivery-events'],
  ['engine/store'],
  ['engine/dispatch'],
];

const floorOf = (file: string): number => {
  const floor = floors.findIndex((folders) =>
    folders.some((folder) => file.startsWith(`${folder}/`)),
  );
  return floor < 0 ? floors.length : floor;
};

/** The relative imports of a source file, as paths below `src`. */
export const importsOf = (file: string, source: string): string[] =>
  [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(([, path]) =>
    posix.normalize(posix.join(posix.dirname(file), path!)),
  );

/**
 * @param files paths below `src`, without specs
 * @param read gives the source of a file; default: reads it from `src`
 * @returns every import from a lower floor to a higher one, as `importer -> imported`
 */
export const upwardImports = (
  files: readonly string[],
  read = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'),
): string[] =>
  files.flatMap((file) =>
    importsOf(file, read(file))
      .filter((imported) => floorOf(imported) > floorOf(file))
      .map((imported) => `${file} -> ${imported}`),
  );
