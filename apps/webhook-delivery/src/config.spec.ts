import { readConfig } from '@casewire/service';
import { expect, test } from 'vitest';

import { DeliveryConfig } from './config.ts';

const key = Buffer.alloc(32, 1).toString('base64');
const read = (env: Record<string, string>) =>
  readConfig(DeliveryConfig, {
    KAFKA_BROKERS: 'localhost:9092',
    DELIVERY_DATABASE_URL: 'postgres://localhost/delivery',
    API_KEY_PEPPER: key,
    SEALING_KEY: key,
    ...env,
  });

test('notifications are kept where no mail server is named', () => {
  expect(read({})).toMatchObject({ ALERT_GATHER_MINUTES: 5, ALERT_QUIET_MINUTES: 60 });
  expect(read({}).SMTP_URL).toBeUndefined();
});

test('TV-L1 attempts are kept for thirty days unless it is said otherwise', () => {
  expect(read({}).ATTEMPTS_KEEP_DAYS).toBe(30);
  expect(read({ ATTEMPTS_KEEP_DAYS: '7' }).ATTEMPTS_KEEP_DAYS).toBe(7);
});

test('metrics are served only where a port is named', () => {
  expect(read({}).METRICS_PORT).toBeUndefined();
  expect(read({ METRICS_PORT: '' }).METRICS_PORT).toBeUndefined();
  expect(read({ METRICS_PORT: '9464' }).METRICS_PORT).toBe(9464);
  expect(() => read({ METRICS_PORT: 'some' })).toThrow(/METRICS_PORT/);
});

test('a mail server needs somebody whom notifications are from', () => {
  expect(() => read({ SMTP_URL: 'smtp://localhost:25' })).toThrow(
    /MAIL_FROM: is needed with SMTP_URL/,
  );
  const env = {
    SMTP_URL: 'smtps://user:word@localhost',
    MAIL_FROM: 'Casewire <a@casewire.example>',
  };
  expect(read(env)).toMatchObject(env);
});

test.each([
  ['SMTP_URL', 'http://localhost', /SMTP_URL: must be smtp:\/\/ or smtps:\/\//],
  ['MAIL_FROM', 'Casewire', /MAIL_FROM: must be an address/],
  ['MAIL_FROM', 'a@b.example\r\nBcc: c@d.example', /MAIL_FROM: must be an address/],
  ['ALERT_GATHER_MINUTES', '-1', /ALERT_GATHER_MINUTES/],
  ['DELIVERY_SUSPEND_AFTER_DAYS', '0', /DELIVERY_SUSPEND_AFTER_DAYS/],
])('%s cannot be %j', (name, value, message) => {
  expect(() => read({ MAIL_FROM: 'a@b.example', [name]: value })).toThrow(message);
});
