import { FolderLock } from '@casewire/folder-lock';

import { Broker } from './broker/broker.ts';
import { NODE_ID, type BrokerAddress } from './broker/metadata.handler.ts';
import type { RequestContext } from './broker/request-context.ts';
import { systemClock } from './groups/clock.ts';
import { localDisk } from './log/disk.ts';
import { acceptOptions, type EmbeddedKafkaOptions, type Settings } from './options.ts';
import { Server } from './server/server.ts';

/** The limit that Apache Kafka calls socket.request.max.bytes; its default is 100 MiB. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

interface Running {
  readonly lock: FolderLock;
  readonly broker: Broker;
  readonly server: Server;
}

/**
 * A Kafka broker for one machine: a single node that speaks the Kafka protocol to kafkajs and librdkafka, with consumer groups and
 * idempotent producers; without transactions, replicas and access control. Acknowledged records and offsets are on disk (fdatasync)
 * and survive a crash; records that are not on disk yet are not visible to any client.
 */
export class EmbeddedKafka {
  private readonly settings: Settings;
  private listeningPort: number;
  private running: Running | undefined;

  /** Throws OptionInvalid, naming the option. */
  constructor(options: EmbeddedKafkaOptions) {
    this.settings = acceptOptions(options);
    this.listeningPort = this.settings.port;
  }

  /** The port that clients connect to; after the start, the one that the system chose. */
  get port(): number {
    return this.listeningPort;
  }

  /** `host:port`, as clients expect it. */
  get brokers(): string {
    const { host } = this.settings;
    return `${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /**
   * Resolves when clients can connect.
   * Throws FolderInUse, JournalDamaged, LogDamaged, or the system's error about the port or the folder.
   */
  async start(): Promise<void> {
    const { directory, host, port, logger } = this.settings;
    const lock = await FolderLock.acquire(directory, 'broker.lock');
    let broker: Broker | undefined;
    try {
      broker = await Broker.open(this.settings, {
        disk: localDisk,
        clock: systemClock,
        addressFor: (context) => this.addressFor(context),
      });
      const { routes } = broker;
      const server = new Server({
        logger,
        maxRequestBytes: MAX_REQUEST_BYTES,
        answer: (frame, context) => routes.answer(frame, context),
      });
      this.listeningPort = await server.listen(host, port);
      this.running = { lock, broker, server };
    } catch (error) {
      await broker?.close();
      await lock.release();
      throw error;
    }
    logger.info({ event: 'embedded-kafka.started', directory, brokers: this.brokers });
  }

  /** Responds to the pending requests, finishes the writes, and closes every socket and file. A second call does nothing. */
  async stop(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    if (!running) return;
    await running.server.stop(() => running.broker.stopGroups());
    await running.broker.close();
    await running.lock.release();
    this.settings.logger.info({ event: 'embedded-kafka.stopped' });
  }

  private addressFor(context: RequestContext): BrokerAddress {
    const { host } = this.settings;
    // A client cannot connect to "any address": it gets the address that it is connected to already.
    const reachable = ANY_ADDRESS.has(host) ? context.localAddress.replace('::ffff:', '') : host;
    return { nodeId: NODE_ID, host: reachable, port: this.port };
  }
}
