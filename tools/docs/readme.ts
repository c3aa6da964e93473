/** A test that a page names as a proof. */
export interface Proof {
  /** The name of its file, without the folder. */
  file: string;
  /** Its title, or the beginning of it. */
  title: string;
}

/** The tests that a page names, as `file`, “title”. */
export const proofsOf = (page: string): Proof[] =>
  [...page.matchAll(/`([\w.-]+\.ts)`,\s+“([^”]+)”/g)].map(([, file, title]) => ({
    file: file!,
    title: title!.replaceAll(/\s+/g, ' '),
  }));

/** A comparison with other products: the cells of each row behind its first two, which are ours. */
export const comparedCells = (page: string): string[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.split(' | ').length === 6)
    .flatMap((line) => line.slice(2, -2).split(' | ').slice(2));

/** Whether a statement about another product has a source, or is that there is none. */
export const hasSource = (cell: string): boolean =>
  cell === 'not documented' || /\]\(https:\/\/[^)]+\)/.test(cell);

/** The scripts that a page runs by npm. */
export const scriptsOf = (page: string): string[] => [
  ...new Set(
    [...page.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, script, short]) => script ?? short!,
    ),
  ),
];
