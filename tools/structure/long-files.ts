import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { shippedFiles } from './source-files.ts';

const mostLines = 300;

/** Files that ship and have more lines than a reader can take in at once. */
export const longFiles = (root: string): string[] =>
  shippedFiles(root).flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    return lines > mostLines ? [`${file}: ${lines} lines`] : [];
  });
