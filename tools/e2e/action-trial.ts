import { PartnerClient, ReviewClient } from '@casewire/client';
import { Problem } from '@casewire/contracts';
import { expect } from 'vitest';

import { document, type Partner, type TestPlatform } from './test-platform.ts';

/** A request to the partner API. */
export interface ActionRequest {
  /** The path after `/partner/v1/`. */
  path: string;
  method?: string;
  /** JSON, or text that is sent as it is. */
  body?: unknown;
  /** The API key; by default the key of the partner. */
  key?: string;
  idempotencyKey?: string;
}

export interface ActionResponse {
  status: number;
  contentType: string | null;
  body: unknown;
}

/** The problem of a refused request. */
export interface Refused {
  status: number;
  code: string;
  detail: string;
  /** The names of the fields that it names. */
  fields: string[];
}

/** Cases of one partner, and requests that act on them. */
export class ActionTrial {
  readonly cases: PartnerClient;
  readonly reviews: ReviewClient;

  constructor(
    private readonly platform: TestPlatform,
    readonly partner: Partner,
  ) {
    this.cases = partner.client;
    this.reviews = new ReviewClient(platform.url, partner.key);
  }

  static async start(platform: TestPlatform): Promise<ActionTrial> {
    return new ActionTrial(platform, await platform.partner());
  }

  /** A case of which the stages are requested, and never run. */
  async submit(): Promise<{ caseId: string; uploadId: string }> {
    const { id, uploads } = await this.cases.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    return { caseId: id, uploadId: uploads[0]!.id };
  }

  async send({
    path,
    method = 'POST',
    body,
    key,
    idempotencyKey,
  }: ActionRequest): Promise<ActionResponse> {
    const response = await fetch(`${this.platform.url}/partner/v1/${path}`, {
      method,
      headers: {
        'x-api-key': key ?? this.partner.key,
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      body: await response.json(),
    };
  }

  /** Everything that the API shows about a case. */
  async stateOf(caseId: string): Promise<unknown> {
    const { items } = await this.reviews.reviews({ caseId });
    return {
      case: await this.cases.case(caseId),
      // Publication goes on meanwhile, and is not a change of the case.
      events: (await this.cases.events(caseId, { limit: 100 })).items.map(({ id, type, data }) => ({
        id,
        type,
        data,
      })),
      timeline: await this.cases.moments(caseId),
      revisions: await this.cases.revisions(caseId),
      reviews: await Promise.all(items.map(({ id }) => this.reviews.review(id))),
    };
  }

  /** Sends a request that must be refused, and checks that the case is the same afterwards. */
  refused(caseId: string, request: ActionRequest): Promise<Refused> {
    return expectRefused(this, caseId, request);
  }
}

async function expectRefused(
  trial: ActionTrial,
  caseId: string,
  request: ActionRequest,
): Promise<Refused> {
  const before = await trial.stateOf(caseId);
  const { status, contentType, body } = await trial.send(request);
  expect(contentType).toMatch(/^application\/problem\+json/);
  const { code, detail, errors = [] } = Problem.parse(body);
  expect(await trial.stateOf(caseId)).toEqual(before);
  return { status, code, detail, fields: errors.map(({ field }) => field) };
}
