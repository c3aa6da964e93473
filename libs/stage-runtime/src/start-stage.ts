import { openBlobStore } from '@casewire/blobs';
import { allTopics, type Stage, Topics } from '@casewire/contracts';
import { brokerAnswers, EventLog, EventLogTransport } from '@casewire/event-log';
import { openReader } from '@casewire/reading';
import {
  folderHasSpace,
  readConfig,
  type RunningService,
  settings,
  startHttpService,
} from '@casewire/service';
import { createLogger, libraryLogger, type Logger, startTelemetry } from '@casewire/telemetry';
import type { DynamicModule } from '@nestjs/common';
import { z } from 'zod';

import { StageDocuments } from './stage-documents.ts';
import { StageRuns } from './stage-runs.ts';

/** The environment variables of every stage. */
export const StageConfig = z.object({
  KAFKA_BROKERS: settings.brokers,
  BLOB_FOLDER: settings.folder,
  /** For health checks only: a stage has no routes. */
  PORT: settings.port.default(0),
  LISTEN_HOST: settings.listenHost,
  /** Documents that are processed at the same time. */
  STAGE_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  /** Pages that are recognized at the same time by all stages of the process; by default by the number of processors. */
  OCR_WORKERS: z.coerce.number().int().min(1).max(16).optional(),
  LOG_LEVEL: settings.logLevel,
});
export type StageConfig = z.infer<typeof StageConfig>;

/** The dependencies of a stage's controller. */
export interface StageParts<Config> {
  config: Config;
  runs: StageRuns;
  documents: StageDocuments;
  logger: Logger;
}

/**
 * Starts a stage: it consumes its requests from the event log, processes their documents and publishes stage results.
 * @param schema the stage's variables: StageConfig, or more
 * @throws ConfigInvalid naming every variable that is missing or wrong
 */
export async function startStage<Schema extends typeof StageConfig>(
  stage: Stage,
  env: NodeJS.ProcessEnv,
  schema: Schema,
  moduleOf: (parts: StageParts<z.infer<Schema>>) => DynamicModule,
): Promise<RunningService> {
  const config = readConfig(schema, env);
  const logger = createLogger(stage, config.LOG_LEVEL);
  const telemetry = startTelemetry(stage, env);
  const blobs = openBlobStore(config.BLOB_FOLDER);
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: stage,
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const opened = openReader({ ocrWorkers: config.OCR_WORKERS, log: logger });
  const runs = new StageRuns({
    blobs,
    log: logger,
    publish: (result) =>
      log.send([{ topic: Topics.stageResults, key: result.caseId, value: JSON.stringify(result) }]),
  });
  const strategy = new EventLogTransport({
    log,
    groupId: stage,
    concurrency: config.STAGE_CONCURRENCY,
    // Few requests wait here, because another instance could process them.
    highWater: config.STAGE_CONCURRENCY * 2,
  });
  const documents = new StageDocuments(blobs, opened.reader);
  return startHttpService({
    module: moduleOf({ config, runs, documents, logger }),
    name: stage,
    port: config.PORT,
    host: config.LISTEN_HOST,
    logger,
    strategy,
    readiness: {
      broker: brokerAnswers(log, Topics.organizations),
      consumer: () => (strategy.healthy ? null : 'the requests cannot be consumed'),
      'disk of blobs': folderHasSpace(config.BLOB_FOLDER),
    },
    onStop: [() => runs.settled(), () => opened.close(), () => log.close(), () => telemetry.stop()],
  });
}
