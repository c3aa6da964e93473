import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { casewireEvents, internalEvents, teamEvents } from '@casewire/contracts';
import { describe, expect, test } from 'vitest';

import { dialects } from '../../src/dialects.ts';
import { verify } from '../../src/verification.ts';
import { asText, requestOf, secret } from './golden-request.ts';
import { sampleEvents } from './sample-events.ts';

const goldens = Object.values(dialects).flatMap((dialect) =>
  Array.from(sampleEvents, ([label, event]) => ({ dialect, label, event }))
    .filter(({ event }) => dialect.nameOf(event) !== null)
    .flatMap(({ label, event }) =>
      // Only the body of trustid differs between attempts.
      (dialect.name === 'trustid' ? ([1, 2] as const) : ([1] as const)).map((attempt) => ({
        file: `${dialect.name}/${label}${attempt === 2 ? '.second-attempt' : ''}.http`,
        request: requestOf(dialect, event, attempt),
      })),
    ),
);

const pathOf = (file: string) => join(import.meta.dirname, file);

// GOLDEN=write writes the files; review the diff.
if (process.env.GOLDEN === 'write') {
  for (const { file, request } of goldens) {
    await mkdir(dirname(pathOf(file)), { recursive: true });
    await writeFile(pathOf(file), asText(request));
  }
}

test.each(goldens)('$file equals the request byte for byte', async ({ file, request }) => {
  expect(asText(request)).toBe(await readFile(pathOf(file), 'utf8'));
});

test('every golden file belongs to a request', async () => {
  const files = await readdir(import.meta.dirname, { recursive: true });
  expect(files.filter((file) => file.endsWith('.http')).toSorted()).toEqual(
    goldens.map(({ file }) => file).toSorted(),
  );
});

test.each(goldens)('$file verifies as a Standard Webhook', ({ request: { headers, body } }) => {
  const now = () => new Date(Number(headers['webhook-timestamp']) * 1000);
  expect(verify(body, headers, [secret], { now }).sequence?.number).toBe(2);
});

describe('the sample events follow the contracts', () => {
  const schemas = new Map([
    ...casewireEvents,
    ...Array.from(teamEvents, ([name, { data }]) => [name, data] as const),
  ]);

  test.each([...sampleEvents])('%s', (_, { type, data }) => {
    expect(schemas.get(type)?.parse(data)).toEqual(data);
  });

  test('every event type that can be delivered has a sample event', () => {
    const types = new Set(Array.from(sampleEvents.values(), ({ type }) => type));
    expect([...types].toSorted()).toEqual(
      [...schemas.keys()].filter((name) => !internalEvents.has(name)).toSorted(),
    );
  });
});
