import { expect, test } from 'vitest';

import { checkTeam } from './team-rules.ts';

const screening = { slug: 'screening', prefixes: ['screening.'] };

test.each([
  ['whose topic is another team’s', { slug: 'screening', prefixes: ['other.'] }, 'team.slug'],
  ['with a topic of Casewire’s own', { slug: 'casewire', prefixes: ['other.'] }, 'team.slug'],
  ['with another’s prefix', { slug: 'b', prefixes: ['other.', 'screening.'] }, 'team.prefixes.1'],
  ['below another’s prefix', { slug: 'b', prefixes: ['screening.eu.'] }, 'team.prefixes.0'],
])('a team %s is refused', (_, team, field) => {
  expect(() => checkTeam(team, [screening])).toThrow(
    expect.objectContaining({ status: 409, errors: [expect.objectContaining({ field })] }),
  );
});

test('a prefix ends where its dot is', () => {
  expect(() =>
    checkTeam({ slug: 'screens', prefixes: ['screenings.'] }, [screening]),
  ).not.toThrow();
});
