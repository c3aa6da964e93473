import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { BrokerState, type BrokerEvent } from '../catalog/broker-state.ts';
import { Journal } from '../catalog/journal.ts';
import { TopicCatalog } from '../catalog/topic-catalog.ts';
import type { Clock } from '../groups/clock.ts';
import { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { Disk } from '../log/disk.ts';
import { FlushQueue } from '../log/flush-queue.ts';
import type { Settings } from '../options.ts';
import { createPartitions } from '../protocol/create-partitions.ts';
import { createTopics } from '../protocol/create-topics.ts';
import { deleteGroups } from '../protocol/delete-groups.ts';
import { deleteTopics } from '../protocol/delete-topics.ts';
import { describeConfigs } from '../protocol/describe-configs.ts';
import { describeGroups } from '../protocol/describe-groups.ts';
import { fetch } from '../protocol/fetch.ts';
import { findCoordinator } from '../protocol/find-coordinator.ts';
import { heartbeat } from '../protocol/heartbeat.ts';
import { initProducerId } from '../protocol/init-producer-id.ts';
import { joinGroup } from '../protocol/join-group.ts';
import { leaveGroup } from '../protocol/leave-group.ts';
import { listGroups } from '../protocol/list-groups.ts';
import { listOffsets } from '../protocol/list-offsets.ts';
import { metadata } from '../protocol/metadata.ts';
import { offsetCommit } from '../protocol/offset-commit.ts';
import { offsetFetch } from '../protocol/offset-fetch.ts';
import { produce } from '../protocol/produce.ts';
import { syncGroup } from '../protocol/sync-group.ts';
import { FetchHandler } from './fetch.handler.ts';
import { GroupsHandler } from './groups.handler.ts';
import { ListOffsetsHandler } from './list-offsets.handler.ts';
import { MetadataHandler, type BrokerAddress } from './metadata.handler.ts';
import { OffsetsHandler } from './offsets.handler.ts';
import { ProduceHandler } from './produce.handler.ts';
import { ProducerIdsHandler } from './producer-ids.handler.ts';
import type { RequestContext } from './request-context.ts';
import { route, Routes } from './routes.ts';
import { TopicsHandler } from './topics.handler.ts';

/** Flushes that run at the same time: fewer than the four threads of Node's pool, so that reads do not wait for them. */
const CONCURRENT_FLUSHES = 3;
const SEGMENT_BYTES = 32 * 1024 * 1024;
const PRODUCERS_PER_PARTITION = 1000;
const MAX_GROUP_MEMBERS = 500;
const INITIAL_REBALANCE_DELAY = 50;
const RETENTION_INTERVAL = 60_000;

export interface BrokerEnvironment {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly addressFor: (context: RequestContext) => BrokerAddress;
}

/** The broker without its sockets: the topics and the journal on disk, the groups, and the handlers of requests. */
export class Broker {
  readonly routes: Routes;
  private cancelRetention = () => {};
  private retaining: Promise<void> | undefined;

  private constructor(
    private readonly settings: Settings,
    private readonly environment: BrokerEnvironment,
    private readonly journal: Journal<BrokerEvent>,
    private readonly topics: TopicCatalog,
    private readonly groups: GroupCoordinator,
    state: BrokerState,
  ) {
    this.routes = this.connectRoutes(state);
    this.scheduleRetention();
  }

  /** Opens the broker with the state in its folder. Throws JournalDamaged, LogDamaged. */
  static async open(settings: Settings, environment: BrokerEnvironment): Promise<Broker> {
    const { disk, clock } = environment;
    const { directory, logger } = settings;
    const state = new BrokerState();
    const journal = await Journal.open(disk, join(directory, 'journal.jsonl'), state);
    const topics = await TopicCatalog.open(join(directory, 'topics'), state, journal, {
      disk,
      logger,
      flushes: new FlushQueue(CONCURRENT_FLUSHES),
      segmentBytes: SEGMENT_BYTES,
      producerLimit: PRODUCERS_PER_PARTITION,
    });
    const groups = new GroupCoordinator(state, journal, {
      clock,
      newId: randomUUID,
      initialRebalanceDelay: INITIAL_REBALANCE_DELAY,
      maxMembers: MAX_GROUP_MEMBERS,
    });
    return new Broker(settings, environment, journal, topics, groups, state);
  }

  /** Responds to all requests that wait for a rebalance. */
  stopGroups(): void {
    this.groups.stop();
  }

  /** Finishes the writes that are under way and closes the files. */
  async close(): Promise<void> {
    this.cancelRetention();
    await this.retaining;
    this.cancelRetention();
    await this.topics.close();
    await this.journal.close();
  }

  private connectRoutes(state: BrokerState): Routes {
    const { autoCreateTopics, defaultPartitions, maxBatchBytes } = this.settings;
    const { clock, addressFor } = this.environment;
    const { groups, topics, journal } = this;
    const creation = { automatic: autoCreateTopics, partitions: defaultPartitions };
    const producing = new ProduceHandler(topics, maxBatchBytes);
    const fetching = new FetchHandler(topics, clock);
    const listing = new ListOffsetsHandler(topics);
    const describing = new MetadataHandler(topics, addressFor, creation);
    const offsets = new OffsetsHandler(groups, topics);
    const groupAdmin = new GroupsHandler(groups);
    const producerIds = new ProducerIdsHandler(state, journal);
    const topicAdmin = new TopicsHandler(topics, {
      partitions: defaultPartitions,
      maxBatchBytes,
      autoCreate: autoCreateTopics,
    });
    return new Routes([
      route(produce, (request, context) => producing.produce(request, context)),
      route(fetch, (request, context) => fetching.fetch(request, context)),
      route(listOffsets, (request) => listing.list(request)),
      route(metadata, (request, context) => describing.describe(request, context)),
      route(findCoordinator, (request, context) => describing.findCoordinator(request, context)),
      route(offsetCommit, (request) => offsets.commit(request)),
      route(offsetFetch, (request) => offsets.fetch(request)),
      route(joinGroup, (request, { client }) => groups.join(request, client)),
      route(syncGroup, (request) => groups.sync(request)),
      route(heartbeat, (request) => ({ error: groups.heartbeat(request) })),
      route(leaveGroup, ({ groupId, memberId }) => ({ error: groups.leave(groupId, memberId) })),
      route(listGroups, () => groupAdmin.list()),
      route(describeGroups, (request) => groupAdmin.describe(request)),
      route(deleteGroups, (request) => groupAdmin.delete(request)),
      route(createTopics, (request) => topicAdmin.create(request)),
      route(deleteTopics, (request) => topicAdmin.delete(request)),
      route(createPartitions, (request) => topicAdmin.refusePartitions(request)),
      route(describeConfigs, (request) => topicAdmin.describeConfigs(request)),
      route(initProducerId, (request) => producerIds.init(request)),
    ]);
  }

  private scheduleRetention(): void {
    this.cancelRetention = this.environment.clock.after(RETENTION_INTERVAL, () => {
      this.retaining = this.retain();
    });
  }

  private async retain(): Promise<void> {
    try {
      await this.topics.retain(this.environment.clock.now());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.settings.logger.error({ event: 'embedded-kafka.retention-failed', reason });
    }
    this.scheduleRetention();
  }
}
