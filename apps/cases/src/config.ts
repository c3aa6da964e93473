import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { kafkaSettings, settings } from '@casewire/service';
import { z } from 'zod';

export const CasesConfig = z.object({
  ...kafkaSettings,
  CASES_DATABASE_URL: settings.databaseUrl,
  BLOB_FOLDER: settings.folder,
  /** Where uploads are written while they are received. */
  INCOMING_FOLDER: settings.folder.default(join(tmpdir(), 'casewire-incoming')),
  API_KEY_PEPPER: settings.key,
  SEALING_KEY: settings.key,
  /** How long a stage may take, including the time in its queue. */
  STAGE_TIMEOUT_MS: z.coerce.number().int().min(1000).default(3_600_000),
  /** A JSON file with the rules by which documents are judged; by default the rules of this version. */
  ASSESSMENT_RULES_FILE: z.string().min(1).optional(),
  CASES_PORT: settings.port.default(3001),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});
export type CasesConfig = z.infer<typeof CasesConfig>;
