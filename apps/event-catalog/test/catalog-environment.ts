import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { apiKeyHmac, mintApiKey } from '@casewire/auth';
import { TeamClient } from '@casewire/client';
import {
  allTopics,
  EventType,
  Topics,
  type ApiKey,
  type Organization,
  type Scope,
} from '@casewire/contracts';
import { organizationFixture } from '@casewire/contracts/testing';
import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EventLog, ReferenceView } from '@casewire/event-log';
import type { RunningService } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';

import { start } from '../src/service.ts';

export interface Member {
  organizationId: string;
  key: string;
  client: TeamClient;
}

/** The running catalog service with its own database and broker, and the records of the registry that it reads. */
export class CatalogEnvironment {
  private constructor(
    readonly service: RunningService,
    readonly database: TestDatabase,
    readonly log: EventLog,
    readonly view: ReferenceView<EventType>,
    readonly env: NodeJS.ProcessEnv,
    private readonly pepper: Buffer,
    private readonly broker: EmbeddedKafka,
    private readonly directory: string,
  ) {}

  static async start(): Promise<CatalogEnvironment> {
    const directory = await mkdtemp(join(tmpdir(), 'casewire-catalog-'));
    const broker = new EmbeddedKafka({ directory, port: 0 });
    await broker.start();
    const database = await testDatabase();
    const pepper = randomBytes(32);
    const log = new EventLog({ brokers: [broker.brokers], clientId: 'catalog-environment' });
    await log.ensureTopics(allTopics);
    const env = {
      KAFKA_BROKERS: broker.brokers,
      CATALOG_DATABASE_URL: database.url,
      API_KEY_PEPPER: pepper.toString('base64'),
      CATALOG_PORT: '0',
      LOG_LEVEL: 'error',
    };
    const service = await start(env);
    const view = new ReferenceView({
      log,
      topic: Topics.eventTypes,
      parse: (value) => EventType.parse(value),
    });
    await view.start();
    return new CatalogEnvironment(service, database, log, view, env, pepper, broker, directory);
  }

  get url(): string {
    return this.service.url;
  }

  team(slug: string, prefixes: string[], scopes?: Scope[]): Promise<Member> {
    return this.member({ kind: 'team', team: { slug, prefixes } }, scopes);
  }

  async member(
    overrides: Partial<Organization> = {},
    scopes: Scope[] = ['endpoints:read', 'catalog:write'],
  ): Promise<Member> {
    const organization: Organization = organizationFixture({ id: randomUUID(), ...overrides });
    const minted = mintApiKey('sandbox');
    const apiKey: ApiKey = {
      id: minted.id,
      organizationId: organization.id,
      environment: 'sandbox',
      scopes,
      name: null,
      hmac: apiKeyHmac(minted.secret, this.pepper),
      expiresAt: null,
      createdAt: '2026-01-01T00:00:00Z',
      revision: 1,
      deletedAt: null,
    };
    await this.publish(Topics.organizations, organization);
    await this.publish(Topics.apiKeys, apiKey);
    return {
      organizationId: organization.id,
      key: minted.key,
      client: new TeamClient(this.url, minted.key),
    };
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.view.stop();
    await this.log.close();
    await this.broker.stop();
    await this.database.drop();
    await rm(this.directory, { recursive: true });
  }

  private publish(topic: string, record: { id: string }): Promise<void> {
    return this.log.send([{ topic, key: record.id, value: JSON.stringify(record) }]);
  }
}
