import { openBlobStore } from '@casewire/blobs';
import { type Stage, Topics } from '@casewire/contracts';
import { EventLogTransport } from '@casewire/event-log';
import { openReader, readingsSettled } from '@casewire/reading';
import {
  folderHasSpace,
  kafkaSettings,
  type ServiceDefinition,
  type ServiceParts,
  settings,
} from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import { z } from 'zod';

import { StageDocuments } from './stage-documents.ts';
import { StageRuns } from './stage-runs.ts';

/** The environment variables of every stage. */
export const StageConfig = z.object({
  ...kafkaSettings,
  BLOB_FOLDER: settings.folder,
  /** Health only: a stage has no routes. */
  PORT: settings.port.default(0),
  LISTEN_HOST: settings.listenHost,
  /** Documents that are processed at the same time. */
  STAGE_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  /** Pages that are recognized at the same time, over all stages of the process; by default one for each processor. */
  OCR_WORKERS: z.coerce.number().int().min(1).max(16).optional(),
  LOG_LEVEL: settings.logLevel,
});
export type StageConfig = z.infer<typeof StageConfig>;

/** What the controllers of a stage are built from. */
export interface StageParts<Config> {
  config: Config;
  runs: StageRuns;
  documents: StageDocuments;
  logger: Logger;
}

/**
 * A stage as a service: it consumes its requests from the event log, processes their documents, and publishes stage results.
 * @param config the stage's variables: StageConfig, or more
 * @param build gives the stage's controllers, and their providers beside `StageRuns` and `StageDocuments`
 */
export function stageService<Schema extends typeof StageConfig>(
  stage: Stage,
  config: Schema,
  build: (parts: StageParts<z.infer<Schema>>) => {
    controllers: ServiceParts['controllers'];
    providers?: object[];
  },
): ServiceDefinition<Schema> {
  return {
    name: stage,
    config,
    async parts(context) {
      const { config: values, logger } = context;
      const blobs = openBlobStore(values.BLOB_FOLDER);
      const log = await context.openEventLog();
      const opened = openReader({ ocrWorkers: values.OCR_WORKERS, log: logger });
      context.onStop(() => opened.close());
      // The work of a run that was aborted has ended before its reading.
      context.onStop(() => readingsSettled(blobs));
      const runs = new StageRuns({
        blobs,
        log: logger,
        publish: (result) =>
          log.send([
            { topic: Topics.stageResults, key: result.caseId, value: JSON.stringify(result) },
          ]),
      });
      context.onStop(() => runs.settled());
      const strategy = new EventLogTransport({
        log,
        groupId: stage,
        concurrency: values.STAGE_CONCURRENCY,
        // Another instance could process what waits here.
        highWater: values.STAGE_CONCURRENCY * 2,
      });
      const documents = new StageDocuments(blobs, opened.reader);
      const { controllers, providers = [] } = build({ config: values, runs, documents, logger });
      return {
        controllers,
        providers: [runs, documents, ...providers],
        port: values.PORT,
        strategy,
        readiness: {
          consumer: () => (strategy.healthy ? null : 'the requests cannot be consumed'),
          'disk of blobs': folderHasSpace(values.BLOB_FOLDER),
        },
      };
    },
  };
}
