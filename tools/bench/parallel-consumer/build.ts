import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const workspace = resolve(import.meta.dirname, '../../..');
const pom = join(import.meta.dirname, 'pom.xml');
const source = join(import.meta.dirname, 'src/main/java/casewire/bench/ParallelConsumerBench.java');

/** Java 17 or Maven is missing, or the build failed. */
export class ConsumerNotBuilt extends Error {
  override name = 'ConsumerNotBuilt';
  readonly code = 'BENCH_CONSUMER_NOT_BUILT';

  constructor(cause: unknown) {
    const output = (cause as { stdout?: string }).stdout?.trim().split('\n')[0];
    super(`java or mvn: ${output || (cause instanceof Error ? cause.message : String(cause))}`, {
      cause,
    });
  }
}

/**
 * Builds the consumer with Maven into `.casewire` of the workspace, and again after its sources have changed.
 * @returns its class path
 * @throws ConsumerNotBuilt
 */
export async function buildConsumer(): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(pom))
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 12);
  const cache = join(workspace, '.casewire', 'parallel-consumer');
  const built = join(cache, version);
  if (!existsSync(built)) await build(cache, built);
  return [join(built, 'classes'), join(built, 'jars', '*')].join(delimiter);
}

async function build(cache: string, built: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'incoming-'));
  try {
    await run('java', ['-version']);
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      pom,
      `-Dmaven.repo.local=${join(workspace, '.casewire', 'maven')}`,
      `-Dbench.directory=${unfinished}`,
      'compile',
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(unfinished, 'jars')}`,
    ]);
    await rename(unfinished, built);
  } catch (error) {
    throw new ConsumerNotBuilt(error);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
