import { platform, type Variable } from './variables.ts';

const head = `# Environment variables of Casewire. Written by \`npm run generate\` from the configuration schemas: do not edit.
#
# \`npm start\` and \`npm run start:all\` need none of them, and refuse those that the platform sets by itself: the database
# URLs and the keys. An empty value counts as missing.
#
#   cp .env.example .env
#   set -a; . ./.env; set +a; npm start
`;

/** The text of .env.example: a block for each variable, a required one as \`NAME=\`, any other one commented out. */
export function envExample(all: readonly Variable[], serviceCount: number): string {
  return [head, ...all.map((variable) => blockOf(variable, serviceCount))].join('\n');
}

function blockOf({ name, meaning, readers }: Variable, serviceCount: number): string {
  const needs = new Map<string, string[]>();
  for (const reader of readers) {
    const need = wordsOf(reader.need);
    needs.set(need, [...(needs.get(need) ?? []), reader.name]);
  }
  const read = [...needs].map(([need, of]) => `# ${namesOf(of, serviceCount)}: ${need}`);
  const required = readers.some(({ need }) => need === 'required');
  const value = readers.flatMap(({ need }) => (typeof need === 'object' ? [need.default] : []))[0];
  const line = `${required ? '' : '#'}${name}=${required ? '' : (value ?? '')}`;
  return `${[`# ${meaning}`, ...read, line].join('\n')}\n`;
}

const wordsOf = (need: Variable['readers'][number]['need']) =>
  typeof need === 'object' ? `default ${need.default}` : need;

function namesOf(readers: readonly string[], serviceCount: number): string {
  const services = readers.filter((name) => name !== platform);
  const isAll = services.length === serviceCount;
  return [
    ...readers.filter((name) => name === platform),
    ...(isAll ? ['every service'] : services),
  ].join(', ');
}
