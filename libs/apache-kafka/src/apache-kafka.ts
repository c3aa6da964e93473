import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { javaForKafka, kafkaJars } from './jars.ts';
import { answersRequests, freePort } from './readiness.ts';

export interface ApacheKafka {
  /** `host:port` of the broker. */
  brokers: string;
  /** The process id of the broker; another one after a restart. */
  readonly pid: number;
  /** SIGKILL: the process writes nothing more. */
  kill(): Promise<void>;
  /** An orderly shutdown. */
  stop(): Promise<void>;
  /** Starts it again with the same address and data; one that runs is stopped first. */
  restart(): Promise<void>;
}

/**
 * Starts a single-node Apache Kafka (KRaft) on loopback, and resolves when it answers requests. Data and settings are in
 * `directory`, which may be one that was used before; `port` 0 takes a free one.
 *
 * @throws ProgramMissing: Java 17 or Maven is not there.
 */
export async function startApacheKafka({
  directory,
  port = 0,
}: {
  directory: string;
  port?: number;
}): Promise<ApacheKafka> {
  const [java, jars] = await Promise.all([javaForKafka(), kafkaJars()]);
  const brokerPort = port === 0 ? await freePort() : port;
  const settings = join(directory, 'server.properties');
  const data = join(directory, 'data');
  await mkdir(directory, { recursive: true });
  await writeFile(settings, serverProperties(data, brokerPort, await freePort()));
  const program = [...jvm, '-cp', join(jars, '*')];
  if (!existsSync(join(data, 'meta.properties'))) {
    await promisify(execFile)(java, [
      ...program,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      '--cluster-id',
      'Y2FzZXdpcmUta2Fma2EtMQ',
      '--config',
      settings,
    ]);
  }

  const start = async (): Promise<ChildProcess> => {
    const broker = spawn(java, [...program, 'kafka.Kafka', settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = lastOutput(broker);
    const orphan = () => broker.kill('SIGKILL');
    process.once('exit', orphan);
    broker.once('exit', () => process.off('exit', orphan));
    const gone = once(broker, 'exit').then(([code, signal]) => {
      throw new Error(`Apache Kafka ended (${signal ?? code}) before it was ready:\n${output()}`);
    });
    await Promise.race([answersRequests(brokerPort), gone]);
    // From here on its end is asked for, and no failure.
    gone.catch(() => undefined);
    return broker;
  };

  let broker = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    broker.kill(signal);
    await once(broker, 'exit');
  };
  return {
    brokers: `127.0.0.1:${brokerPort}`,
    get pid() {
      return broker.pid!;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    restart: async () => {
      await end('SIGTERM');
      broker = await start();
    },
  };
}

// A broker for one machine: small, and up quickly.
const jvm = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
];

const serverProperties = (data: string, port: number, controllerPort: number): string => `\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}
log.dirs=${data}
num.partitions=6
auto.create.topics.enable=true
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
group.initial.rebalance.delay.ms=20
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
`;

/** The end of what a process wrote, for the message of its failure. */
function lastOutput(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4_000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}
