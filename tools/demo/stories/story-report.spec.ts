import type { CaseView, OrderView } from '@casewire/contracts';
import { describe, expect, test } from 'vitest';

import { requestsOf } from './expected-requests.ts';
import { Facts } from './facts.ts';
import { stories } from './stories.ts';
import type { ExpectedRequest, StoryRequest } from './story-faults.ts';
import { report, requestLine } from './story-report.ts';
import type { ExpectedEvent, Story } from './story.ts';

const verifications = ['income', 'assets'].map((name) => ({ id: name, name, employerId: null }));

/** What a story expects, after all of its cases were submitted and all of its orders created. */
function expectedOf({ steps, targets }: Pick<Story, 'steps' | 'targets'>): ExpectedRequest[] {
  const facts = new Facts();
  for (const { about } of steps.flatMap((step) => step.expect)) {
    facts.addCase(about, { id: about, uploads: [{ id: 'upload-1' }] } as CaseView);
    facts.addOrder(about, { id: about, number: 'CW-7F3K-9QXD', verifications } as OrderView);
  }
  return steps.flatMap((step) => requestsOf(step, targets, facts));
}

const arrived = (request: ExpectedRequest): StoryRequest => ({
  ...request,
  verifications: [{ header: 'webhook-signature', valid: true }],
});

function reported(expected: ExpectedRequest[], received: StoryRequest[]) {
  const lines: string[] = [];
  const code = report(expected, received, (line = '') => lines.push(line));
  return { code, text: lines.join('\n') };
}

/** The story with one more event in its first step. */
const withOneMore = ({ steps, targets }: Story, event: ExpectedEvent) => ({
  targets,
  steps: steps.map((step, i) => (i === 0 ? { ...step, expect: [...step.expect, event] } : step)),
});

describe.each([...stories])('the story %s', (_, story) => {
  const expected = expectedOf(story);
  const received = expected.map(arrived);
  const { event, about } = expected[0]!;

  test('ends with 0 if each request arrives once, in order and verified', () => {
    expect(reported(expected, received)).toMatchObject({
      code: 0,
      text: expect.stringContaining(`${expected.length} requests: each once, in order`),
    });
  });

  test('ends with 1 and the name of an event that is expected and does not come', () => {
    const more = expectedOf(withOneMore(story, { event: 'Extra', about, fields: {} }));
    const { code, text } = reported(more, received);
    expect(code).toBe(1);
    expect(text).toContain(`Extra (endpoint, ${about}) is missing`);
  });

  test('ends with 1 for each request that is missing', () => {
    for (const [i, { event: name, target }] of expected.entries()) {
      const { code, text } = reported(expected, received.toSpliced(i, 1));
      expect([code, text]).toEqual([1, expect.stringContaining(`${name} (${target},`)]);
      expect(text).toContain('is missing\n\n1 fault.');
    }
  });

  test('ends with 1 if a request comes twice', () => {
    const { code, text } = reported(expected, [...received, received[0]!]);
    expect(code).toBe(1);
    const { length } = received.filter(
      (one) => one.target === 'endpoint' && one.event === event && one.about === about,
    );
    const label = `${event} (endpoint, ${about})`;
    expect(text).toContain(`${label} came ${length + 1} times, not ${length}`);
  });

  test('ends with 1 if a request comes that is not expected', () => {
    const other = { ...received[0]!, target: 'organization callback' as const };
    const { code, text } = reported(expected, [...received, other]);
    expect(code).toBe(1);
    expect(text).toContain(`${event} (organization callback, ${about}) is not expected`);
  });

  test('ends with 1 if two requests of a case or an order come in another order', () => {
    const inLane = received.filter((one) => one.target === 'endpoint' && one.about === about);
    const place = inLane.findIndex((one, i) => one.event !== inLane[i + 1]!.event);
    const [one, next] = [inLane[place]!, inLane[place + 1]!];
    const swapped = received.with(received.indexOf(one), next).with(received.indexOf(next), one);
    const { code, text } = reported(expected, swapped);
    expect(code).toBe(1);
    const before = inLane.slice(0, place).map((request) => `${request.event}, `);
    expect(text).toContain(`came as ${before.join('')}${next.event}, ${one.event}`);
  });

  test('ends with 1 if a signature is not that of the request, or if nothing was verified', () => {
    const faulty = { header: 'webhook-signature', valid: false };
    const unsigned = { ...received[0]!, verifications: [faulty] };
    expect(reported(expected, received.with(0, unsigned))).toMatchObject({
      code: 1,
      text: expect.stringContaining('webhook-signature is not verified'),
    });
    expect(requestLine(unsigned)).toContain('NOT VERIFIED: webhook-signature');
    expect(reported(expected, received.with(0, { ...unsigned, verifications: [] }))).toMatchObject({
      code: 1,
      text: expect.stringContaining('nothing was verified'),
    });
  });

  test('ends with 1 if a field has another value', () => {
    const [field, value] = Object.entries(expected[0]!.fields)[0]!;
    const other = { ...received[0]!, fields: { ...received[0]!.fields, [field]: 'other' } };
    const { code, text } = reported(expected, received.with(0, other));
    expect(code).toBe(1);
    expect(text).toContain(`${field} is "other", not ${JSON.stringify(value)}`);
  });
});
