import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import {
  requestTopic,
  type Stage,
  StageResult,
  type StageRequest,
  Topics,
} from '@casewire/contracts';
import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EventLog, KeyedConsumer } from '@casewire/event-log';
import type { Sample } from '@casewire/samples';

type Start = (env: NodeJS.ProcessEnv) => Promise<{ url: string; stop(): Promise<void> }>;

/** A stage on a broker and a blob folder of its own, which processes samples. */
export class StageTrial {
  private readonly results = new Map<string, StageResult[]>();
  private readonly awaited = new Map<string, () => void>();

  private constructor(
    private readonly stage: Stage,
    readonly blobs: FolderBlobStore,
    readonly url: string,
    private readonly log: EventLog,
    private readonly onStop: (() => Promise<void>)[],
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
      handle: async ({ value }) => trial.receive(StageResult.parse(JSON.parse(String(value)))),
    });
    await consumer.start();
    trial.onStop.push(
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

  /** Delivers the request and resolves with the stage result that this delivery publishes. */
  async deliver(request: StageRequest): Promise<StageResult> {
    const received = Promise.withResolvers<void>();
    this.awaited.set(request.runId, received.resolve);
    await this.log.send([
      { topic: requestTopic(this.stage), key: request.caseId, value: JSON.stringify(request) },
    ]);
    await received.promise;
    return this.results.get(request.runId)!.at(-1)!;
  }

  /** Stores the sample, delivers a request for it, and resolves with the stage result and the contents of its blob. */
  async run(
    sample: Sample,
    more: Partial<StageRequest> = {},
  ): Promise<{ stageResult: StageResult; result: unknown }> {
    const stageResult = await this.deliver(await this.request(sample, more));
    if (stageResult.status === 'failed') return { stageResult, result: null };
    const body = await this.blobs.read(stageResult.result.key);
    return { stageResult, result: JSON.parse(String(body)) };
  }

  async stop(): Promise<void> {
    for (const end of this.onStop) await end();
  }

  private receive(result: StageResult): void {
    this.results.set(result.runId, [...(this.results.get(result.runId) ?? []), result]);
    this.awaited.get(result.runId)?.();
  }
}
