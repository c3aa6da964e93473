import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const workspace = resolve(import.meta.dirname, '../../..');
const pom = join(import.meta.dirname, 'pom.xml');

/** A program that has to be installed and is not, or does not work. */
export class ProgramMissing extends Error {
  override name = 'ProgramMissing';
  readonly code = 'PROGRAM_MISSING';

  constructor(program: string, need: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${program} is needed ${need}: ${reason}`, { cause });
  }
}

/**
 * The folder with the jars of Apache Kafka that pom.xml names. They are brought by Maven once, into `.casewire` of the
 * workspace, and again after pom.xml has changed.
 *
 * @throws ProgramMissing: `mvn` cannot be run, or could not bring them.
 */
export async function kafkaJars(): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = join(workspace, '.casewire', 'apache-kafka');
  const jars = join(cache, version);
  if (existsSync(jars)) return jars;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'incoming-'));
  try {
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      pom,
      `-Dmaven.repo.local=${join(workspace, '.casewire', 'maven')}`,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${unfinished}`,
    ]);
    // Two runs may get here at once; either of their folders is complete.
    if (!existsSync(jars)) await rename(unfinished, jars);
  } catch (error) {
    if (!existsSync(jars)) throw new ProgramMissing('mvn', 'to bring Apache Kafka', error);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return jars;
}

/**
 * The Java that runs Apache Kafka 4: 17 or newer.
 *
 * @throws ProgramMissing: `java` cannot be run or is older.
 */
export async function javaForKafka(): Promise<string> {
  try {
    const { stderr } = await run('java', ['-version']);
    const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
    if (!(version >= 17)) throw new Error(`what is installed is ${stderr.split('\n')[0]}`);
    return 'java';
  } catch (error) {
    throw new ProgramMissing('java', 'in version 17 or newer to run Apache Kafka', error);
  }
}
