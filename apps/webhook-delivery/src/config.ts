import { kafkaSettings, settings } from '@casewire/service';
import { z } from 'zod';

const Settings = z.object({
  ...kafkaSettings,
  DELIVERY_DATABASE_URL: settings.databaseUrl,
  API_KEY_PEPPER: settings.key,
  SEALING_KEY: settings.key,
  /** Maximum number of concurrent requests of this instance. */
  DELIVERY_SLOTS: z.coerce.number().int().min(1).max(5000).default(256),
  /** Multiplies every wait of the retry schedules; below 1 for development and tests. */
  RETRY_TIME_FACTOR: z.coerce.number().min(0.0001).max(1).default(1),
  /** How long deliveries wait for an endpoint that is disabled or suspended before they expire. */
  DELIVERY_EXPIRE_AFTER_DAYS: z.coerce.number().min(1).max(3650).default(30),
  /** How long attempts can be looked up. */
  ATTEMPTS_KEEP_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  /** How long an endpoint may only fail before it is suspended; very short times are for tests. */
  DELIVERY_SUSPEND_AFTER_DAYS: z.coerce.number().min(0.0001).max(3650).default(5),
  /** The DNS name of this platform in the handshake with receivers of CloudEvents. */
  WEBHOOK_REQUEST_ORIGIN: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i,
      'must be a DNS name',
    )
    .max(253)
    .default('casewire'),
  /** How long alerts are gathered before a notification about them is written. */
  ALERT_GATHER_MINUTES: z.coerce.number().min(0).max(1440).default(5),
  /** Minimum time between two notifications about the same endpoint and kind of alert. */
  ALERT_QUIET_MINUTES: z.coerce.number().min(0).max(10_080).default(60),
  /** Without it notifications are stored and not sent. */
  SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      error: 'must be smtp:// or smtps://, with user and password where they are needed',
    })
    .optional(),
  /** The sender of notifications: an address, or a name and an address in angle brackets. */
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>@\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'must be an address, or Name <address>',
    )
    .optional(),
  DELIVERY_PORT: settings.port.default(3004),
  /** The port of the metrics; without it they are not served. */
  METRICS_PORT: settings.port.optional(),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});

export const DeliveryConfig = Settings.refine(
  ({ SMTP_URL, MAIL_FROM }) => SMTP_URL === undefined || MAIL_FROM !== undefined,
  { path: ['MAIL_FROM'], error: 'is needed with SMTP_URL: whom notifications are from' },
);
export type DeliveryConfig = z.infer<typeof DeliveryConfig>;
