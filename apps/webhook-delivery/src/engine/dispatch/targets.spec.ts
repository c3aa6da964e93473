import { randomBytes } from 'node:crypto';

import { SealBroken, Sealer } from '@casewire/auth';
import {
  callbackSecretContext,
  endpointSecretContext,
  type Endpoint,
  type Organization,
  type SigningSecret,
} from '@casewire/contracts';
import { organizationFixture } from '@casewire/contracts/testing';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { endpoint, organizationId } from '../../../test/events.ts';
import { callbackDestination } from '../../model/callback-destination.ts';
import { HttpAgents } from '../egress/http-agents.ts';
import { Targets } from './targets.ts';

const agents = new HttpAgents();
afterAll(() => agents.close());
const sealer = new Sealer(randomBytes(32));
const organization: Organization = organizationFixture({ id: organizationId });

let time: Date;
let endpoints: Map<string, Endpoint>;
let secrets: Map<string, SigningSecret>;
let targets: Targets;
beforeEach(() => {
  time = new Date('2026-01-22T10:30:00Z');
  [endpoints, secrets] = [new Map(), new Map()];
  const organizations = new Map([[organization.id, organization]]);
  targets = new Targets({ endpoints, secrets, organizations }, sealer, agents, () => time);
});

const seal = (text: string, context: string) => sealer.seal(Buffer.from(text), context);
const secretOf = (ownerId: string, context: string, over: Partial<SigningSecret> = {}) =>
  secrets.set(ownerId, {
    ownerId,
    sealed: seal('present', context),
    previous: null,
    token: null,
    headers: null,
    revision: 1,
    deletedAt: null,
    ...over,
  });
const known = (over: Partial<Endpoint> = {}) => {
  const one = endpoint(over);
  endpoints.set(one.id, one);
  return { one, context: endpointSecretContext(one.id), head: headOf(one.id) };
};
const headOf = (endpointId: string) => ({ endpointId, organizationId, callback: null });
const texts = (secretsOf: readonly Uint8Array[] = []) =>
  secretsOf.map((one) => Buffer.from(one).toString());

test('an endpoint is called at its current URL, with its secret, token and headers', () => {
  const { one, context, head } = known({ url: 'https://now.test/hook' });
  const token = seal('the token', context);
  const headers = seal(JSON.stringify({ 'X-Team': 'blue' }), context);
  secretOf(one.id, context, { token, headers });
  const target = targets.of(head);
  expect(target).toMatchObject({
    url: 'https://now.test/hook',
    token: 'the token',
    headers: { 'X-Team': 'blue' },
    http: agents.for(organization.egress),
  });
  expect(texts(target?.secrets)).toEqual(['present']);
});

test('the secret before a rotation signs until the end of its overlap', () => {
  const { one, context, head } = known();
  const previous = { sealed: seal('former', context), until: '2026-01-22T11:00:00Z' };
  secretOf(one.id, context, { previous });
  expect(texts(targets.of(head)?.secrets)).toEqual(['present', 'former']);
  time = new Date('2026-01-22T11:00:00Z');
  expect(texts(targets.of(head)?.secrets)).toEqual(['present']);
});

test('a secret that was rotated takes effect at once', () => {
  const { one, context, head } = known();
  secretOf(one.id, context);
  targets.of(head);
  secretOf(one.id, context, { sealed: seal('new', context), revision: 2 });
  expect(texts(targets.of(head)?.secrets)).toEqual(['new']);
});

test('a secret that was sealed for another endpoint does not open', () => {
  const [{ one, head }, other] = [known(), known()];
  secretOf(one.id, other.context);
  expect(() => targets.of(head)).toThrow(SealBroken);
});

test('an endpoint without a registry entry or a secret has no target', () => {
  expect(targets.of(headOf(endpoint().id))).toBeUndefined();
  expect(targets.of(known().head)).toBeUndefined();
  const { one, context, head } = known();
  secretOf(one.id, context);
  expect(targets.of({ ...head, organizationId: one.id })).toBeUndefined();
});

const given = {
  organizationId,
  environment: 'sandbox',
  dialect: 'casewire',
  url: 'https://Receiver.test:8443/a/../b?c=%41#d',
} as const;

test('TI-22 a callback URL is called exactly as given, with the organization’s callback secret and without an endpoint’s token and headers', () => {
  const context = callbackSecretContext(organizationId);
  secretOf(organizationId, context, { token: seal('a token', context) });
  const callback = callbackDestination(sealer, given);
  const target = targets.of({ endpointId: null, organizationId, callback });
  expect(target).toMatchObject({ url: given.url, token: null, headers: {} });
  expect(texts(target?.secrets)).toEqual(['present']);
});

test('an erased callback URL, or one of an organization without a secret, has no target', () => {
  const callback = callbackDestination(sealer, given);
  expect(targets.of({ endpointId: null, organizationId, callback })).toBeUndefined();
  secretOf(organizationId, callbackSecretContext(organizationId));
  const erased = { ...callback, sealedUrl: null };
  expect(targets.of({ endpointId: null, organizationId, callback: erased })).toBeUndefined();
});

test('a callback URL of one organization, environment and dialect is one destination, whatever its seal', () => {
  const hash = (over: object) => callbackDestination(sealer, { ...given, ...over }).hash;
  const one = callbackDestination(sealer, given);
  expect(one).toMatchObject({ host: 'receiver.test:8443', dialect: 'casewire' });
  expect(one.sealedUrl).not.toContain('receiver');
  expect(hash({})).toEqual(one.hash);
  const others = [
    { organizationId: endpoint().id },
    { environment: 'production' },
    { dialect: 'truenroll' },
    { url: `${given.url}e` },
  ];
  for (const over of others) expect(hash(over)).not.toEqual(one.hash);
});

test('a sealed callback URL does not open as another one', () => {
  secretOf(organizationId, callbackSecretContext(organizationId));
  const [one, other] = [
    callbackDestination(sealer, given),
    callbackDestination(sealer, { ...given, url: 'https://other.test/' }),
  ];
  const mixed = { ...one, sealedUrl: other.sealedUrl };
  expect(() => targets.of({ endpointId: null, organizationId, callback: mixed })).toThrow(
    SealBroken,
  );
});

test('the failure policy is the endpoint’s current one', () => {
  const { head } = known({ retry: { delaySeconds: [1.5, 60] }, onExhausted: 'block' });
  expect(targets.policyOf(head)).toEqual({ delays: [1500, 60_000], onExhausted: 'block' });
  expect(targets.policyOf(known().head)).toEqual({ delays: null, onExhausted: 'skip' });
  const none = { endpointId: null, organizationId, callback: null };
  expect(targets.policyOf(none)).toEqual({ delays: null, onExhausted: 'skip' });
});
