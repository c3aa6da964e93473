import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Requests at the same time: as many as the bare loop has. */
const concurrency = 64;

/** The consumer in its own process. It delivers from the first record of the topic on. */
export class RunningConsumer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly failed: Promise<never>,
  ) {}

  static start(
    classPath: string,
    {
      brokers,
      topic,
      url,
      endpoints,
    }: Record<'brokers' | 'topic' | 'url', string> & { endpoints: number },
  ): RunningConsumer {
    const child = spawn(
      'java',
      [
        '-cp',
        classPath,
        'casewire.bench.ParallelConsumerBench',
        brokers,
        topic,
        url,
        `${endpoints}`,
        `${concurrency}`,
      ],
      { stdio: ['pipe', 'ignore', 'inherit'] },
    );
    const failed = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`parallel-consumer ended: ${signal ?? code}`);
    });
    failed.catch(() => undefined);
    return new RunningConsumer(child, failed);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** What the work results in. @throws if the consumer ends before */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failed]);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
