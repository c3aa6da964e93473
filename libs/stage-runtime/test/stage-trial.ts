import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import {
  requestTopic,
  type Stage,
  type StageResult,
  StageResult as Outcome,
  type StageRequest,
  Topics,
} from '@casewire/contracts';
import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EventLog, KeyedConsumer } from '@casewire/event-log';
import type { Sample } from '@casewire/samples';

type Start = (env: NodeJS.ProcessEnv) => Promise<{ url: string; stop(): Promise<void> }>;

/** A stage as it runs, on a broker and a blob folder of its own, given samples to work on. */
export class StageTrial {
  private readonly outcomes = new Map<string, StageResult[]>();
  private readonly awaited = new Map<string, () => void>();

  private constructor(
    private readonly stage: Stage,
    readonly blobs: FolderBlobStore,
    readonly url: string,
    private readonly log: EventLog,
    private readonly ending: (() => Promise<void>)[],
  ) {}

  static async start(
    stage: Stage,
    start: Start,
    env: Record<string, string> = {},
  ): Promise<StageTrial> {
    const folder = await mkdtemp(join(tmpdir(), 'casewire-trial-'));
    const kafka = new EmbeddedKafka({ directory: join(folder, 'kafka') });
    await kafka.start();
    const service = await start({
      KAFKA_BROKERS: kafka.brokers,
      BLOB_FOLDER: join(folder, 'blobs'),
      PORT: '0',
      OCR_WORKERS: '1',
      LOG_LEVEL: 'error',
      ...env,
    });
    const log = new EventLog({ brokers: kafka.brokers.split(','), clientId: 'trial' });
    const blobs = new FolderBlobStore(join(folder, 'blobs'));
    const trial = new StageTrial(stage, blobs, service.url, log, []);
    const consumer = new KeyedConsumer({
      log,
      groupId: 'trial',
      topics: [Topics.stageResults],
      handle: async ({ value }) => trial.note(Outcome.parse(JSON.parse(String(value)))),
    });
    await consumer.start();
    trial.ending.push(
      () => consumer.stop(),
      () => log.close(),
      () => service.stop(),
      () => kafka.stop(),
      () => rm(folder, { recursive: true, force: true }),
    );
    return trial;
  }

  /** Stores the sample and makes a request for it. */
  async request(sample: Sample, more: Partial<StageRequest> = {}): Promise<StageRequest> {
    const sha256 = createHash('sha256').update(sample.bytes).digest('hex');
    const key = `uploads/${sha256}`;
    await this.blobs.put(key, sample.bytes);
    const now = Date.now();
    return {
      type: 'StageRequested',
      runId: randomUUID(),
      run: 1,
      stage: this.stage,
      organizationId: randomUUID(),
      environment: 'sandbox',
      caseId: randomUUID(),
      uploadId: randomUUID(),
      document: { key, sha256, size: sample.bytes.length, mediaType: sample.mediaType, pages: 1 },
      documentType: sample.truth.documentType,
      targetLanguage: 'en',
      requestedAt: new Date(now).toISOString(),
      deadline: new Date(now + 120_000).toISOString(),
      ...more,
    };
  }

  /** Delivers the request and resolves with the outcome that this delivery brings. */
  async deliver(request: StageRequest): Promise<StageResult> {
    const heard = Promise.withResolvers<void>();
    this.awaited.set(request.runId, heard.resolve);
    await this.log.send([
      { topic: requestTopic(this.stage), key: request.caseId, value: JSON.stringify(request) },
    ]);
    await heard.promise;
    return this.outcomes.get(request.runId)!.at(-1)!;
  }

  /** Stores the sample, asks for it, and resolves with the outcome and what it refers to. */
  async run(
    sample: Sample,
    more: Partial<StageRequest> = {},
  ): Promise<{ outcome: StageResult; result: unknown }> {
    const outcome = await this.deliver(await this.request(sample, more));
    if (outcome.status === 'failed') return { outcome, result: null };
    return { outcome, result: JSON.parse(String(await this.blobs.read(outcome.result.key))) };
  }

  async stop(): Promise<void> {
    for (const end of this.ending) await end();
  }

  private note(outcome: StageResult): void {
    this.outcomes.set(outcome.runId, [...(this.outcomes.get(outcome.runId) ?? []), outcome]);
    this.awaited.get(outcome.runId)?.();
  }
}
