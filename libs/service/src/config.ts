import { z } from 'zod';

export class ConfigInvalid extends Error {
  readonly code = 'CONFIG_INVALID';
}

/**
 * Reads a service's configuration from environment variables. Empty ones count as missing.
 * @throws ConfigInvalid naming every variable that is missing or invalid, and its rule
 */
export function readConfig<T extends z.ZodObject>(schema: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigInvalid(`the configuration is not usable:\n${faults.join('\n')}`);
}

/** Schemas of environment variables that several services share. */
export const settings = {
  port: z.coerce.number().int().min(0).max(65_535),
  /** The address to listen on; by default only this machine can connect. */
  listenHost: z
    .union([z.ipv4(), z.ipv6()], { error: 'must be an address, such as 0.0.0.0 for all of them' })
    .default('127.0.0.1'),
  /** host:port,host:port */
  brokers: z
    .string({ error: 'is needed: host:port of a Kafka broker, several separated by commas' })
    .regex(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/, 'must be host:port, several separated by commas')
    .transform((list) => list.split(',')),
  databaseUrl: z
    .string({ error: 'is needed: postgres://user:password@host:port/database' })
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
  folder: z
    .string({ error: 'is needed: an absolute path' })
    .startsWith('/', 'must be an absolute path'),
  logLevel: z.enum(['silent', 'error', 'warn', 'info']).default('info'),
  /** A secret of at least 32 bytes, base64. */
  key: z
    .string({ error: 'is needed: at least 32 random bytes, base64' })
    .refine((text) => Buffer.from(text, 'base64').length >= 32, 'must be at least 32 bytes, base64')
    .transform((text) => Buffer.from(text, 'base64')),
};
