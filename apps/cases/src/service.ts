import { KeyRegistry, Sealer } from '@casewire/auth';
import { openBlobStore } from '@casewire/blobs';
import { allTopics, Topics } from '@casewire/contracts';
import { brokerAnswers, EventLog, EventLogTransport } from '@casewire/event-log';
import {
  databaseAnswers,
  repeatEvery,
  folderHasSpace,
  migrate,
  readConfig,
  startHttpService,
  type RunningService,
  openDatabase,
  isDatabaseAway,
} from '@casewire/service';
import { createLogger, libraryLogger, startTelemetry } from '@casewire/telemetry';

import { CasesModule } from './app.module.ts';
import { CasesConfig } from './config.ts';
import { cleanUp } from './erasure/clean-up.ts';
import { ErasureService } from './erasure/erasure.service.ts';
import { migrations } from './migrations/index.ts';
import { caseRelay } from './outbox/case-relay.ts';
import { failOverdueRuns } from './progress/overdue-runs.ts';
import { ProgressService } from './progress/progress.service.ts';
import { ReadingService } from './reading/reading.service.ts';
import { acquireIncomingFolder } from './submission/incoming-folder.ts';
import { SubmissionService } from './submission/submission.service.ts';

const hour = 3_600_000;

export async function start(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(CasesConfig, env);
  const logger = createLogger('cases', config.LOG_LEVEL);
  const telemetry = startTelemetry('cases', env);
  await migrate(config.CASES_DATABASE_URL, migrations);
  const pool = openDatabase(config.CASES_DATABASE_URL, logger, 20);
  const blobs = openBlobStore(config.BLOB_FOLDER);
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'cases',
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const incoming = await acquireIncomingFolder(config.INCOMING_FOLDER);
  const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
  await registry.start();

  const now = () => new Date();
  const relay = caseRelay(config.CASES_DATABASE_URL, log, logger);
  const progress = new ProgressService(pool, relay, config.STAGE_PATIENCE_MS, now, logger);
  const maintenance = [
    repeatEvery(1000, () => cleanUp(pool, blobs), logger, 'clean-up'),
    repeatEvery(60_000, () => blobs.removeUnfinished(hour, Date.now()), logger, 'leftovers'),
    repeatEvery(5000, () => failOverdueRuns(pool, progress), logger, 'overdue-runs'),
  ];
  const strategy = new EventLogTransport({
    log,
    groupId: 'cases',
    concurrency: 16,
    // While the database is unavailable a record waits. It does not become a dead letter.
    retry: { classify: (error) => (isDatabaseAway(error) ? 'wait' : undefined) },
  });
  const service = await startHttpService({
    module: CasesModule.of({
      authenticator: registry.authenticator,
      submission: new SubmissionService(
        pool,
        blobs,
        new Sealer(config.SEALING_KEY),
        relay,
        { ...config, incomingFolder: incoming.path },
        now,
        logger,
      ),
      reading: new ReadingService(pool, blobs),
      erasure: new ErasureService(pool, relay, now),
      progress,
    }),
    name: 'cases',
    port: config.CASES_PORT,
    host: config.LISTEN_HOST,
    logger,
    apis: [
      {
        path: '/partner/v1',
        title: 'Casewire Partner API',
        description: 'Submit documents as cases, and read the results.',
      },
    ],
    strategy,
    readiness: {
      database: databaseAnswers(pool),
      broker: brokerAnswers(log, Topics.organizations),
      consumer: () => (strategy.healthy ? null : 'the stage results cannot be consumed'),
      views: () => (registry.healthy ? null : 'the registry cannot be followed'),
      'disk of blobs': folderHasSpace(config.BLOB_FOLDER),
      'disk of incoming uploads': folderHasSpace(config.INCOMING_FOLDER),
    },
    onStop: [
      ...maintenance.map((one) => () => one.stop()),
      () => relay.stop(),
      () => registry.stop(),
      () => log.close(),
      () => pool.end(),
      () => incoming.release(),
      () => telemetry.stop(),
    ],
  });
  relay.start();
  return service;
}
