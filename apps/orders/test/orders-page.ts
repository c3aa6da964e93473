/** The part of a page below a heading, up to the next heading. */
export const sectionOf = (page: string, heading: string): string =>
  page.split(`# ${heading}\n`)[1]!.split(/\n#+ /)[0]!;

/** The cells of the rows of the tables in a section; every table has a row of headings. */
export function tablesOf(section: string): string[][][] {
  const tables = section.split(/\n(?!\|)/).map((part) => part.split('\n'));
  return tables
    .map((lines) => lines.filter((line) => line.startsWith('| ')))
    .filter(({ length }) => length > 0)
    .map((lines) =>
      lines.slice(1).map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    );
}

/** The names in backticks in a text, without its fenced blocks. */
export const namesIn = (text: string): string[] =>
  [...text.replaceAll(/```[^`]*```/g, '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** An arrow of a state diagram: where it leads from and to, and its label before and after the slash. */
export interface Arrow {
  from: string;
  to: string;
  cause: string;
  domainEvents: string[];
}

/** The arrows of the state diagram in a section, without the end; aliases are replaced by the names that they stand for. */
export function arrowsOf(section: string): Arrow[] {
  const aliases = new Map(
    [...section.matchAll(/state "([^"]+)" as (\w+)/g)].map(([, name, alias]) => [alias!, name!]),
  );
  const nameOf = (id: string) => aliases.get(id) ?? id;
  return [...section.matchAll(/^ +(\S+) --> (\w+): (.+) \/ (.+)$/gm)].map(
    ([, from, to, cause, events]) => ({
      from: nameOf(from!),
      to: nameOf(to!),
      cause: cause!,
      domainEvents: events!.split(', '),
    }),
  );
}
