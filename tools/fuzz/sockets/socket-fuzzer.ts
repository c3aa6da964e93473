import { between, pick, seeded } from '@casewire/samples';

import type { Findings } from '../findings.ts';
import { faultsOf } from '../response-rules.ts';
import { baseRequest, type Target } from './base-requests.ts';
import { bodyMutations } from './body-mutations.ts';
import { exchange } from './exchange.ts';
import { headerMutations } from './header-mutations.ts';
import { bytesOf, readable, type RawRequest } from './raw-request.ts';

const mutations = { ...headerMutations, ...bodyMutations };
/** Short, because many requests are incomplete and get no response. */
const patienceMs = 1_500;
const probePatienceMs = 10_000;
const probeEvery = 20;

export interface Trial {
  seed: number;
  number: number;
  /** The base request and its mutations. */
  what: string;
  request: RawRequest;
  bytes: Buffer;
}

/** The n-th request of a seed: the same on every machine. */
export function trial(seed: number, number: number, target: Target): Trial {
  const random = seeded((Math.imul(seed, 0x01000193) + number) >>> 0);
  const { name, request } = baseRequest(target, random);
  const names = [name];
  for (let i = between(random, name.includes(',') ? 0 : 1, 3); i > 0; i--) {
    const mutation = pick(random, Object.keys(mutations));
    mutations[mutation]!(request, random);
    names.push(mutation);
  }
  return { seed, number, what: names.join(', '), request, bytes: bytesOf(request) };
}

export const described = ({ seed, number, what, request, bytes }: Trial): string =>
  `seed ${seed}, request ${number}: ${what}; sent: ${JSON.stringify(request.sent)}\n${readable(bytes)}`;

/** Sends a trial, and checks the response by the rules for responses. */
export async function attempt(one: Trial, target: Target, findings: Findings): Promise<void> {
  const { response } = await exchange(target.port, one.bytes, one.request.sent, patienceMs);
  const faults = response ? faultsOf(response, one.bytes.toString('latin1')) : [];
  findings.check(faults.length === 0, faults.join(', '), () =>
    [described(one), `${response?.status} ${response?.body.slice(0, 1_000)}`].join('\n'),
  );
}

/** Whether a valid request is still answered with 200; checked every 20 requests. */
export async function probe(number: number, target: Target, findings: Findings): Promise<boolean> {
  if (number % probeEvery !== 0) return true;
  const head = `GET /partner/v1/cases?limit=1 HTTP/1.1\r\nHost: x\r\nx-api-key: ${target.key}\r\nConnection: close\r\n\r\n`;
  const { response, ended } = await exchange(target.port, Buffer.from(head), {}, probePatienceMs);
  return findings.check(
    response?.status === 200,
    'a valid request is not answered any more',
    () => `before request ${number}: ${ended}, ${response?.status} ${response?.body}`,
  );
}
