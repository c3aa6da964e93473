import { casewireEvents, reservedEvents, teamEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { sourceDialectOf } from './source-dialect.ts';

test('every type of a team that is there from the start comes from one vendor', () => {
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

test('Casewire’s own types come from no vendor', () => {
  for (const name of [...casewireEvents.keys(), ...reservedEvents.keys()])
    expect(sourceDialectOf({ name, owner: 'casewire' })).toBeUndefined();
});

test('a type that no vendor has words for comes from none', () => {
  expect(sourceDialectOf({ name: 'ledger.booked', owner: 'ledger' })).toBeUndefined();
});
