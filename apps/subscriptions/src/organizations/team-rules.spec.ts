import { expect, test } from 'vitest';

import { checkTeam } from './team-rules.ts';

const screening = { slug: 'screening', prefixes: ['screening.'] };

test.each([
  ['with the topic of another team', { slug: 'screening', prefixes: ['other.'] }, 'team.slug'],
  ['with a topic of Casewire', { slug: 'casewire', prefixes: ['other.'] }, 'team.slug'],
  [
    'with the prefix of another team',
    { slug: 'b', prefixes: ['other.', 'screening.'] },
    'team.prefixes.1',
  ],
  [
    'with a prefix below that of another team',
    { slug: 'b', prefixes: ['screening.eu.'] },
    'team.prefixes.0',
  ],
])('a team %s is refused', (_, team, field) => {
  expect(() => checkTeam(team, [screening])).toThrow(
    expect.objectContaining({ status: 409, errors: [expect.objectContaining({ field })] }),
  );
});

test('a prefix ends with its dot', () => {
  expect(() =>
    checkTeam({ slug: 'screens', prefixes: ['screenings.'] }, [screening]),
  ).not.toThrow();
});
