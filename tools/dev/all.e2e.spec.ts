import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { WebhookReceiver } from '@casewire/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import { generate } from '../samples/index.ts';

const patience = { timeout: 60_000, interval: 100 };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'casewire-all-'));
  // PostgreSQL may run as another account, and stays in here if that may enter.
  chmodSync(made, 0o755);
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** `npm run start:all`, and what it says. */
class StartAll {
  said = '';
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  constructor(directory: string) {
    // What killed services leave goes with the folder of the test.
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary, { recursive: true });
    this.child = spawn(
      process.execPath,
      ['--import', '#register', join(import.meta.dirname, 'all.ts')],
      {
        env: {
          PATH: process.env.PATH,
          CASEWIRE_DIRECTORY: directory,
          PORT: '0',
          TMPDIR: temporary,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.exit = once(this.child, 'close');
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    // Where a test failed, they go before their folder does.
    onTestFinished(async () => {
      const started = this.descendants();
      this.kill('SIGKILL');
      await this.exit;
      await untilGone(started);
    });
  }

  hear(words: RegExp): Promise<RegExpExecArray> {
    return vi.waitFor(() => {
      const heard = words.exec(this.said);
      if (!heard) throw new Error(`${String(words)} was not said, but\n${this.said}`);
      return heard;
    }, patience);
  }

  /** Everything that it started, and what that started. */
  descendants(): number[] {
    const found = [this.child.pid!];
    const living = processes();
    for (const parent of found) for (const [pid, of] of living) if (of === parent) found.push(pid);
    return found.slice(1);
  }

  async ended(): Promise<number> {
    const [code] = await this.exit;
    return code as number;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Every process that runs, by its number, with its parent's. */
function processes(): Map<number, number> {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  const rows = listed.split('\n').map((row) => row.trim().split(/\s+/));
  return new Map(
    rows
      .filter(([, , state]) => state && !state.startsWith('Z'))
      .map(([pid, parent]) => [Number(pid), Number(parent)]),
  );
}

const untilGone = (pids: readonly number[]) =>
  vi.waitFor(() => {
    const living = processes();
    expect(pids.filter((pid) => living.has(pid))).toEqual([]);
  }, patience);

test('a case goes through one process per service; one that is killed comes back, and a stop leaves nothing', async () => {
  const receiver = await new WebhookReceiver().start();
  onTestFinished(() => receiver.stop());
  const all = new StartAll(folder());
  const [, url, operatorKey] = await all.hear(/Casewire runs at (\S+), .* operator key (\S+)/);
  const operator = new OperatorClient(url!, operatorKey!);
  const organization = await operator.createOrganization({
    name: 'Acme',
    egress: { allow: ['127.0.0.0/8'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
  const client = new PartnerClient(url!, key);
  await client.createEndpoint({ url: receiver.url('/hook') });
  const { fileName, bytes } = await generate('invoice', { seed: 1 });
  const submitted = await client.submit({
    files: [{ name: fileName, bytes }],
    // It is classified, and no more.
    features: [],
  });
  const eventName = (body: Buffer) =>
    (JSON.parse(body.toString()) as { eventName: string }).eventName;
  await receiver.until((requests) =>
    requests.some(({ body }) => eventName(body) === 'case.completed'),
  );

  const [, pid] = await all.hear(/cases runs at \S+ \(process (\d+)\)/);
  process.kill(Number(pid), 'SIGKILL');
  await all.hear(/cases ended \(SIGKILL\), and is started again/);
  await expect
    .poll(() => client.case(submitted.id).catch((error: unknown) => error), patience)
    .toMatchObject({ id: submitted.id, status: 'completed' });

  const started = all.descendants();
  // Eight services, PostgreSQL with its helpers, and what stages have for their documents.
  expect(started.length).toBeGreaterThan(8);
  all.kill('SIGTERM');
  expect(await all.ended()).toBe(0);
  await untilGone(started);
}, 180_000);

test('a start that fails names the service, stops what had started, and is no success', async () => {
  const directory = folder();
  const key = Buffer.alloc(32, 1).toString('base64');
  const keys = { pepper: key, sealing: key, operator: 'too short' };
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
  const all = new StartAll(directory);
  await all.hear(/event-catalog runs at/);
  const started = all.descendants();
  expect(await all.ended()).toBe(1);
  expect(all.said).toMatch(/Casewire does not start\. subscriptions ended: [^]*OPERATOR_KEY/);
  await untilGone(started);
}, 120_000);

test('services do not outlive one that is killed before it can stop them', async () => {
  const all = new StartAll(folder());
  await all.hear(/event-catalog runs at/);
  const started = all.descendants();
  expect(started.length).toBeGreaterThan(1);
  all.kill('SIGKILL');
  await untilGone(started);
}, 120_000);
