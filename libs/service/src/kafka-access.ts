import { readFileSync } from 'node:fs';

import type { BrokerAccess } from '@casewire/event-log';
import { z } from 'zod';

import { ConfigInvalid, settings } from './config.ts';

/** The environment variables for the connection to Kafka, the same for every service. `kafkaAccess` converts them for clients. */
export const kafkaSettings = {
  KAFKA_BROKERS: settings.brokers,
  KAFKA_TLS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('connect to the brokers with TLS'),
  KAFKA_TLS_CA_FILE: settings.folder
    .optional()
    .describe(
      'PEM file of the authorities that sign the brokers’ certificates; the system’s by default',
    ),
  KAFKA_TLS_CERT_FILE: settings.folder
    .optional()
    .describe('PEM file of the client certificate, where the brokers require one'),
  KAFKA_TLS_KEY_FILE: settings.folder
    .optional()
    .describe('PEM file of the private key of the client certificate'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('SASL mechanism; without it there is no authentication'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('user name for SASL'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('password for SASL'),
};

export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaSettings>>;

/** Variables that have no effect without another variable, by that variable. */
const dependent = {
  KAFKA_TLS: ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'],
  KAFKA_SASL_MECHANISM: ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
} as const;

/**
 * Converts the variables into the options of a Kafka client, and reads the files that they name.
 * @param clientId the name of the client in requests to the brokers
 * @throws ConfigInvalid naming every variable that is set without the variable that it requires, or whose file cannot be read
 */
export function kafkaAccess(config: KafkaSettings, clientId: string): BrokerAccess {
  const faults = incomplete(config);
  const file = (name: (typeof dependent.KAFKA_TLS)[number]): string | undefined => {
    const path = config[name];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      faults.push(`  ${name}: cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  };
  const [ca, cert, key] = dependent.KAFKA_TLS.map(file);
  if (faults.length > 0)
    throw new ConfigInvalid(`the configuration is not usable:\n${faults.join('\n')}`);
  const { KAFKA_SASL_MECHANISM: mechanism } = config;
  const credentials = {
    username: config.KAFKA_SASL_USERNAME!,
    password: config.KAFKA_SASL_PASSWORD!,
  };
  return {
    brokers: config.KAFKA_BROKERS,
    clientId,
    ...(config.KAFKA_TLS && {
      ssl: {
        ...(ca !== undefined && { ca: [ca] }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
      },
    }),
    ...(mechanism && { sasl: saslOf(mechanism, credentials) }),
  };
}

type Sasl = NonNullable<BrokerAccess['sasl']>;
type Mechanism = NonNullable<KafkaSettings['KAFKA_SASL_MECHANISM']>;

// kafkajs has a separate type for each mechanism.
const saslOf = (mechanism: Mechanism, credentials: { username: string; password: string }): Sasl =>
  ({ mechanism, ...credentials }) as Sasl;

function incomplete(config: KafkaSettings): string[] {
  const faults = Object.entries(dependent).flatMap(([main, others]) =>
    config[main as keyof typeof dependent]
      ? []
      : others
          .filter((name) => config[name] !== undefined)
          .map((name) => `  ${name}: has no effect without ${main}`),
  );
  if (config.KAFKA_SASL_MECHANISM)
    for (const name of dependent.KAFKA_SASL_MECHANISM)
      if (config[name] === undefined) faults.push(`  ${name}: is needed with KAFKA_SASL_MECHANISM`);
  if ((config.KAFKA_TLS_CERT_FILE === undefined) !== (config.KAFKA_TLS_KEY_FILE === undefined))
    faults.push('  KAFKA_TLS_CERT_FILE: needs KAFKA_TLS_KEY_FILE, and the other way round');
  return faults;
}
