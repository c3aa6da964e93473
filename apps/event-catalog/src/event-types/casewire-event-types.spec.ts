import { casewireEvents } from '@casewire/contracts';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import { casewireEventTypes } from './casewire-event-types.ts';

const ajv = new Ajv2020();
addFormats.default(ajv);

test.each(casewireEventTypes)(
  '$name: its sample follows its JSON Schema and its contract',
  ({ name, schema, sample, trigger }) => {
    ajv.validate(schema, sample);
    expect(ajv.errors).toBeNull();
    expect(casewireEvents.get(name)?.safeParse(sample).success).toBe(true);
    expect(trigger).not.toBe('');
  },
);

test('TE-5 TE-6 what is internal is catalogued as such', () => {
  const internal = casewireEventTypes.filter(({ audience }) => audience === 'internal');
  expect(internal.map(({ name }) => name)).toEqual(['case.erased']);
});
