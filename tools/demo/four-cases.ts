import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { startPlatform } from '@casewire/standalone';

import type { DemoOptions } from './arguments.ts';
import {
  checkEvents,
  checkFields,
  checkOrder,
  checkResults,
  checkSignatures,
  checkSuppression,
  isComplete,
} from './checks.ts';
import { liveDisplay, plainDisplay } from './display.ts';
import { Receiver } from './receiver.ts';
import { plan, submit, type SubmittedCase } from './scenario.ts';

const patienceMs = 120_000;

/**
 * Submits four cases, and checks what their endpoint receives.
 * @returns the exit code
 */
export async function showFourCases(
  { plain, keep }: Pick<DemoOptions, 'plain' | 'keep'>,
  write: (text: string) => void,
): Promise<number> {
  const display = plain ? plainDisplay(write) : liveDisplay(write);
  const seconds = () => `${(performance.now() / 1000).toFixed(1)} s`;

  const directory = mkdtempSync(join(tmpdir(), 'casewire-demo-'));
  const cases: SubmittedCase[] = [];
  const complete = Promise.withResolvers<boolean>();
  const receiver = new Receiver((event) => {
    display.received(event, cases);
    display.show(cases, receiver.events);
    if (cases.length === plan.length && isComplete(cases, receiver.events)) complete.resolve(true);
  });

  display.print('Casewire: documents in by REST, signed webhooks out, in order.\n');
  const platform = await startPlatform({ directory, env: { LOG_LEVEL: 'error' } });
  display.print(`${seconds()}  PostgreSQL, Kafka and nine services run at ${platform.url}`);

  const operator = new OperatorClient(platform.url, platform.operatorKey);
  const organization = await operator.createOrganization({
    name: 'Acme Lettings',
    // The receiver is on this machine, which only an operator can allow.
    egress: { allow: ['127.0.0.0/8'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
  const client = new PartnerClient(platform.url, key);
  const endpoint = await client.createEndpoint({ url: await receiver.start(), eventTypes: ['*'] });
  receiver.expect(endpoint.secret);
  display.print(`${seconds()}  organization, API key and endpoint ${endpoint.url}`);

  for (const planned of plan) {
    const submitted = await submit(client, planned);
    cases.push(submitted);
    display.print(`${seconds()}  submitted ${planned.externalId}: ${planned.title}`);
  }
  display.show(cases, receiver.events);
  if (isComplete(cases, receiver.events)) complete.resolve(true);
  const timer = setTimeout(() => complete.resolve(false), patienceMs);
  const arrived = await complete.promise;
  clearTimeout(timer);
  display.show(cases, receiver.events);
  display.done();

  const checks = [
    {
      what: `all cases completed after ${seconds()}`,
      faults: arrived ? [] : [`not within ${patienceMs / 1000} s`],
    },
    checkEvents(cases, receiver.events),
    checkSignatures(receiver.events),
    checkOrder(receiver.events),
    checkSuppression(cases, receiver.events),
    ...(arrived ? [await checkResults(client, cases), await checkFields(client, cases)] : []),
  ];
  write('\n');
  for (const { what, faults } of checks) {
    write(`${faults.length === 0 ? '  ✔' : '  ✘'} ${what}\n`);
    for (const fault of faults) write(`      ${fault}\n`);
  }
  const failed = checks.filter(({ faults }) => faults.length > 0).length;

  if (keep) {
    write(
      `\nIt keeps running at ${platform.url} (docs at /partner/v1/docs) with the API key\n${key}\nuntil Ctrl-C.\n`,
    );
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
  }
  receiver.stop();
  await platform.destroy();
  write(failed === 0 ? `\nAll checks passed (${seconds()}).\n` : `\n${failed} checks failed.\n`);
  return failed === 0 ? 0 : 1;
}
