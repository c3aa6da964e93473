import { casewireEvents, teamEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { sourceDialectOf } from './source-dialect.ts';

test('every seeded type of a team originates from exactly one vendor', () => {
  const sources = [...teamEvents].map(([name, { team }]) => [
    name,
    sourceDialectOf({ name, owner: team }),
  ]);
  expect(sources).toEqual(
    [...teamEvents.keys()].map((name) => [
      name,
      name === 'link.disconnected' ? 'truv' : 'trustgate',
    ]),
  );
});

test('Casewire’s own types originate from no vendor', () => {
  for (const name of casewireEvents.keys())
    expect(sourceDialectOf({ name, owner: 'casewire' })).toBeUndefined();
});

test('a type that no vendor has a name for originates from no vendor', () => {
  expect(sourceDialectOf({ name: 'ledger.booked', owner: 'ledger' })).toBeUndefined();
});
