import { randomBytes, randomUUID } from 'node:crypto';

import { apiKeyHmac, Authenticator, mintApiKey } from '@casewire/auth';
import { OrderClient } from '@casewire/client';
import type { ApiKey, Environment, Organization, Problem, Scope, Stage } from '@casewire/contracts';
import { organizationFixture } from '@casewire/contracts/testing';
import {
  inTransaction,
  migrate,
  serviceModule,
  startHttpService,
  type RunningService,
} from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { testDatabase, type TestDatabase } from '@casewire/testing';

import { migrations } from '../src/migrations/index.ts';
import { orderApi, type OrderApiOptions } from '../src/order-api.ts';
import type { CaseOutcome } from '../src/order/order-command.ts';
import { execute } from '../src/order/order-repository.ts';
import { readTemplates } from '../src/templates/read-templates.ts';

const stages: Stage[] = ['classification', 'extraction', 'forensics'];
const all: Scope[] = ['orders:read', 'orders:write', 'orders:approve'];

/** What a request is answered with. */
export interface Answer {
  status: number;
  body: Problem & Record<string, unknown>;
}

interface KeyOptions {
  organizationId?: string;
  environment?: Environment;
  scopes?: Scope[];
}

/** The API of orders on a database of its own, with API keys for any organization. What it publishes is counted, not sent. */
export class StartedOrderApi {
  readonly organizationId = randomUUID();
  /** The orders whose publication a request waited for. */
  readonly awaited: string[] = [];
  private readonly keys = new Map<string, ApiKey>();
  private readonly organizations = new Map<string, Organization>();
  private readonly pepper = randomBytes(32);
  private service!: RunningService;

  private constructor(
    readonly database: TestDatabase,
    readonly sealingKey: Buffer,
  ) {}

  static async start(options: Partial<OrderApiOptions> = {}): Promise<StartedOrderApi> {
    const database = await testDatabase();
    await migrate(database.url, migrations);
    const started = new StartedOrderApi(database, randomBytes(32));
    await started.listen(options);
    return started;
  }

  get pool() {
    return this.database.pool;
  }

  get url() {
    return this.service.url;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.database.drop();
  }

  /** A new API key: with all scopes of orders, of the sandbox of one organization, unless it is given otherwise. */
  key({ organizationId, environment = 'sandbox', scopes = all }: KeyOptions = {}): string {
    const minted = mintApiKey(environment);
    const owner = organizationId ?? this.organizationId;
    this.organizations.set(owner, organizationFixture({ id: owner }));
    this.keys.set(minted.id, {
      id: minted.id,
      organizationId: owner,
      environment,
      scopes,
      name: 'Back office',
      hmac: apiKeyHmac(minted.secret, this.pepper),
      expiresAt: null,
      createdAt: '2026-01-01T00:00:00Z',
      revision: 1,
      deletedAt: null,
    });
    return minted.key;
  }

  client(options: KeyOptions = {}): OrderClient {
    return new OrderClient(this.url, this.key(options));
  }

  /** Sends a request below /orders/v1. */
  async send(
    request: string,
    { key = this.key(), body, headers }: { key?: string; body?: unknown; headers?: object } = {},
  ): Promise<Answer> {
    const [method, path] = request.split(' ') as [string, string];
    const response = await fetch(`${this.url}/orders/v1/${path}`, {
      method,
      headers: {
        'x-api-key': key,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
    };
  }

  /** Records what happened to a case, as the service of cases publishes it. */
  async record(orderId: string, caseId: string, ...outcomes: CaseOutcome[]): Promise<void> {
    for (const outcome of outcomes)
      await inTransaction(this.pool, (client) =>
        execute(client, orderId, {
          type: 'RecordCaseOutcome',
          orderId,
          caseId,
          outcome,
          now: new Date(),
        }),
      );
  }

  /** A case is submitted for a verification, and succeeds. @returns its id */
  async succeed(orderId: string, verificationId: string): Promise<string> {
    const caseId = randomUUID();
    await this.record(
      orderId,
      caseId,
      { type: 'linked', verificationId, stages },
      {
        type: 'document_assessed',
        uploadId: randomUUID(),
        documentType: 'payslip',
        verdict: 'verified',
      },
      { type: 'completed', result: 'succeeded' },
    );
    return caseId;
  }

  /** A case is submitted for a verification, and fails. @returns its id */
  async fail(orderId: string, verificationId: string): Promise<string> {
    const caseId = randomUUID();
    await this.record(
      orderId,
      caseId,
      { type: 'linked', verificationId, stages },
      { type: 'completed', result: 'failed' },
    );
    return caseId;
  }

  private async listen(options: Partial<OrderApiOptions>): Promise<void> {
    const { controllers, providers } = orderApi({
      pool: this.pool,
      templates: await readTemplates(),
      relay: { wake: () => undefined },
      published: async (orderId) => void this.awaited.push(orderId),
      sealingKey: this.sealingKey,
      random: randomBytes,
      now: () => new Date(),
      logger: createLogger('orders', 'silent'),
      ...options,
    });
    const view = <T>(records: Map<string, T>) => ({
      get: (id: string) => records.get(id),
      catchUp: async () => 0n,
    });
    const authenticator = new Authenticator(view(this.keys), view(this.organizations), this.pepper);
    this.service = await startHttpService({
      module: serviceModule('orders', controllers, [authenticator, ...providers]),
      name: 'orders',
      port: 0,
      host: '127.0.0.1',
      logger: createLogger('orders', 'silent'),
    });
  }
}
