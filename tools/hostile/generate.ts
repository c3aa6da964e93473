import { seeded } from '@casewire/samples';

import { archiveFamilies } from './archive-families.ts';
import type { HostileFile, Maker } from './hostile-file.ts';
import { imageFamilies } from './image-families.ts';
import { nameFamilies } from './name-families.ts';
import { pdfFamilies } from './pdf-families.ts';

/** Families take turns, so that any number of files has equally many of each. */
export const families: readonly Maker[] = [
  ...pdfFamilies,
  ...imageFamilies,
  ...nameFamilies,
  ...archiveFamilies,
];

/** Makes hostile files. The same seed makes the same files. */
export async function* hostileFiles(count: number, seed: number): AsyncGenerator<HostileFile> {
  for (let i = 0; i < count; i++) {
    const make = families[i % families.length]!;
    yield await make(seeded(seed * 1_000_003 + i));
  }
}
