import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  platformVariables,
  readPlatformSettings,
  refusedVariables,
  serviceVariables,
} from './settings.ts';

const documented = () => {
  const page = join(import.meta.dirname, '../../../docs/configuration.md');
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const names = rows.flatMap((row) => row.split('|')[1]!.match(/[A-Z][A-Z_]+/g) ?? []);
  return new Set(names.filter((name) => !name.startsWith('OTEL_')));
};

test('every documented variable is read by the platform, passed to services or refused, and all of these are documented', () => {
  const treated = new Set([...platformVariables, ...serviceVariables]);
  expect([...documented()].toSorted()).toEqual([...treated].toSorted());
});

const valid: Record<string, string> = {
  INCOMING_FOLDER: '/tmp/incoming',
  BLOB_FOLDER: '/tmp/blobs',
  SMTP_URL: 'smtp://localhost',
  MAIL_FROM: 'a@b.test',
  WEBHOOK_REQUEST_ORIGIN: 'casewire.test',
  TRANSLATION_THRESHOLD: '0.5',
  STAGE_TIMEOUT_MS: '2000',
  RETRY_TIME_FACTOR: '0.5',
  KAFKA_TLS: 'true',
  KAFKA_TLS_CA_FILE: '/etc/kafka/ca.pem',
  KAFKA_TLS_CERT_FILE: '/etc/kafka/client.pem',
  KAFKA_TLS_KEY_FILE: '/etc/kafka/client.key',
  KAFKA_SASL_MECHANISM: 'plain',
};

test('every variable of a service is passed to it unchanged', () => {
  const names = serviceVariables.filter(
    (name) => !platformVariables.includes(name) && !refusedVariables.includes(name),
  );
  expect(names).toEqual(
    expect.arrayContaining(['SMTP_URL', 'ALERT_GATHER_MINUTES', 'OCR_WORKERS']),
  );
  const given = Object.fromEntries(names.map((name) => [name, valid[name] ?? '7']));
  expect(readPlatformSettings(given).services).toEqual(given);
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  expect(readPlatformSettings({ ...otel, HOME: '/root' }).services).toEqual(otel);
});

test.each(refusedVariables)('%s is refused by name, because it would have no effect', (name) => {
  expect(() => readPlatformSettings({ [name]: 'x' })).toThrow(`${name}: is set by the platform`);
});

test.each([
  [{ ALERT_GATHER_MINUTES: 'soon' }, 'ALERT_GATHER_MINUTES'],
  [{ SMTP_URL: 'smtp://localhost' }, 'MAIL_FROM'],
  [{ KAFKA_PORT: '99999' }, 'KAFKA_PORT'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
])('%j prevents the start, and the message has the name', (env, name) => {
  expect(() => readPlatformSettings(env)).toThrow(`${name}: `);
});
