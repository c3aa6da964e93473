import { KeyRegistry, Sealer } from '@casewire/auth';
import { openBlobStore } from '@casewire/blobs';
import { EventLogTransport } from '@casewire/event-log';
import {
  folderHasSpace,
  isDatabaseUnavailable,
  type RunningService,
  type ServiceDefinition,
  startService,
} from '@casewire/service';

import { CaseActions } from './actions/case-actions.ts';
import { readRuleSet } from './assessment/read-rule-set.ts';
import { CommandsController } from './commands/commands.controller.ts';
import { CommandsService } from './commands/commands.service.ts';
import { CasesConfig } from './config.ts';
import { DocumentsController } from './documents/documents.controller.ts';
import { DocumentsService } from './documents/documents.service.ts';
import { cleanUp } from './erasure/clean-up.ts';
import { ErasureController } from './erasure/erasure.controller.ts';
import { ErasureService } from './erasure/erasure.service.ts';
import { HistoryController } from './history/history.controller.ts';
import { HistoryService } from './history/history.service.ts';
import { LifecycleController } from './lifecycle/lifecycle.controller.ts';
import { LifecycleService } from './lifecycle/lifecycle.service.ts';
import { migrations } from './migrations/index.ts';
import { OrganizationSettings } from './organization-settings.ts';
import { caseRelay } from './outbox/case-relay.ts';
import { failOverdueRuns } from './progress/overdue-runs.ts';
import { ProgressController } from './progress/progress.controller.ts';
import { ProgressService } from './progress/progress.service.ts';
import { ReadingController } from './reading/reading.controller.ts';
import { ReadingService } from './reading/reading.service.ts';
import { ResultsController } from './reading/results.controller.ts';
import { ResultsService } from './reading/results.service.ts';
import { ReviewsController } from './reviews/reviews.controller.ts';
import { ReviewsService } from './reviews/reviews.service.ts';
import { RevisionsController } from './revisions/revisions.controller.ts';
import { RevisionsService } from './revisions/revisions.service.ts';
import { acquireIncomingFolder } from './submission/incoming-folder.ts';
import { SubmissionController } from './submission/submission.controller.ts';
import { SubmissionService } from './submission/submission.service.ts';
import { TestClockController } from './test-clock/test-clock.controller.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';
import { KnownVerifications } from './verifications/known-verifications.ts';
import { VerificationIntake } from './verifications/verification-intake.ts';
import { VerificationsController } from './verifications/verifications.controller.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

export const service: ServiceDefinition<typeof CasesConfig> = {
  name: 'cases',
  config: CasesConfig,
  async parts(context) {
    const { config, logger, now } = context;
    const pool = await context.openDatabase(config.CASES_DATABASE_URL, migrations);
    const blobs = openBlobStore(config.BLOB_FOLDER);
    const log = await context.openEventLog();
    const incoming = await acquireIncomingFolder(config.INCOMING_FOLDER);
    context.onStop(() => incoming.release());
    const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
    context.onStop(() => registry.stop());
    await registry.start();

    const settings = new OrganizationSettings(
      await readRuleSet(config.ASSESSMENT_RULES_FILE),
      config.STAGE_TIMEOUT_MS,
      registry.organizations,
    );
    const relay = caseRelay(config.CASES_DATABASE_URL, log, logger);
    context.onStop(() => relay.stop());
    const sealer = new Sealer(config.SEALING_KEY);
    const actions = new CaseActions(pool, sealer, relay, settings, now);
    const progress = new ProgressService(pool, relay, settings, now, logger);
    const verifications = new VerificationIntake(pool, logger);
    context.repeatEvery(second, 'clean-up', () => cleanUp(pool, blobs));
    context.repeatEvery(minute, 'leftovers', () => blobs.removeUnfinished(hour, Date.now()));
    context.repeatEvery(5 * second, 'overdue-runs', () => failOverdueRuns(pool, progress));
    const strategy = new EventLogTransport({
      log,
      groupId: 'cases',
      concurrency: 16,
      // While the database is unavailable a record waits. It does not become a dead letter.
      retry: { classify: (error) => (isDatabaseUnavailable(error) ? 'wait' : undefined) },
    });
    return {
      controllers: [
        SubmissionController,
        ReadingController,
        ReviewsController,
        RevisionsController,
        LifecycleController,
        TestClockController,
        ErasureController,
        ProgressController,
        CommandsController,
        ResultsController,
        HistoryController,
        DocumentsController,
        VerificationsController,
      ],
      providers: [
        registry.authenticator,
        new SubmissionService(
          pool,
          blobs,
          sealer,
          relay,
          { ...config, incomingFolder: incoming.path },
          settings,
          new KnownVerifications(pool, log, verifications),
          { now, logger },
        ),
        verifications,
        new ReviewsService(pool, actions),
        new RevisionsService(actions, config.SEALING_KEY),
        new LifecycleService(actions),
        new TestClockService(pool, actions, progress),
        new ReadingService(pool, config.SEALING_KEY),
        new ResultsService(pool, blobs),
        new HistoryService(pool),
        new DocumentsService(pool, blobs, logger),
        new ErasureService(pool, relay, now),
        progress,
        new CommandsService(pool, sealer, relay, log, settings, now, logger),
      ],
      port: config.CASES_PORT,
      apis: [
        {
          path: '/partner/v1',
          title: 'Casewire Partner API',
          description: 'Submit documents as cases, and read their results.',
        },
      ],
      strategy,
      readiness: {
        consumer: () => (strategy.healthy ? null : 'the records of its topics cannot be consumed'),
        views: () => (registry.healthy ? null : 'the registry cannot be followed'),
        'disk of blobs': folderHasSpace(config.BLOB_FOLDER),
        'disk of incoming uploads': folderHasSpace(config.INCOMING_FOLDER),
      },
      begin: () => relay.start(),
    };
  },
};

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
