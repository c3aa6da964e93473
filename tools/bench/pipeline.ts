import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { openReader } from '@casewire/reading';
import { generate, type Sample } from '@casewire/samples';
import { startPlatform } from '@casewire/standalone';
import { WebhookReceiver } from '@casewire/testing';

/**
 * Compares the platform with the reader alone: the same scanned pages are first read directly, then submitted as cases and
 * awaited at a receiver. The difference is the overhead of the platform.
 */
const pages = Number(process.env.BENCH_PAGES ?? 16);
const submissions = Number(process.env.BENCH_SUBMISSIONS ?? 200);
const ocrWorkers = 2;
const print = (line: string) => void process.stdout.write(`${line}\n`);
const perSecond = (count: number, ms: number) => Number(((count / ms) * 1000).toFixed(2));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-bench-'));
  // Started by root, PostgreSQL runs as another user account, which needs access to this folder.
  chmodSync(folder, 0o755);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the work for every item, at most `concurrency` at a time. */
async function eachOf<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function bareEngine(samples: readonly Sample[], warmUp: Sample): Promise<number> {
  const opened = openReader({ ocrWorkers });
  const read = ({ mediaType, bytes }: Sample) =>
    opened.reader.read({ mediaType, open: async () => Readable.from([bytes]) });
  try {
    await eachOf([warmUp, warmUp], ocrWorkers, read);
    const began = performance.now();
    await eachOf(samples, ocrWorkers, read);
    return performance.now() - began;
  } finally {
    await opened.close();
  }
}

interface Running {
  client: PartnerClient;
  receiver: WebhookReceiver;
}

async function onPlatform<T>(stages: boolean, work: (running: Running) => Promise<T>): Promise<T> {
  return inFolder(async (directory) => {
    const platform = await startPlatform({
      directory,
      env: {
        LOG_LEVEL: 'error',
        OCR_WORKERS: `${ocrWorkers}`,
        STAGE_CONCURRENCY: process.env.STAGE_CONCURRENCY ?? '2',
      },
      ...(!stages && { stages: [] }),
    });
    const receiver = await new WebhookReceiver().start();
    try {
      const operator = new OperatorClient(platform.url, platform.operatorKey);
      const organization = await operator.createOrganization({
        name: 'Bench',
        egress: { allow: ['127.0.0.0/8'], plainHttp: true },
      });
      const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
      const client = new PartnerClient(platform.url, key);
      await client.createEndpoint({ url: receiver.url(), eventTypes: ['case.completed'] });
      return await work({ client, receiver });
    } finally {
      await receiver.stop();
      await platform.destroy();
    }
  });
}

const submit = (client: PartnerClient, { fileName, bytes }: Sample) =>
  client.submit({ files: [{ name: fileName, bytes }], features: ['extraction'] });

/** Milliseconds from the first submission to the last `case.completed` at the receiver. */
const throughPlatform = (samples: readonly Sample[], warmUp: Sample) =>
  onPlatform(true, async ({ client, receiver }) => {
    await submit(client, warmUp);
    await receiver.until((requests) => requests.length === 1, 120_000);
    const began = performance.now();
    await eachOf(samples, 4, (sample) => submit(client, sample));
    await receiver.until((requests) => requests.length === samples.length + 1, 600_000);
    return performance.now() - began;
  });

const submitting = (samples: readonly Sample[], warmUp: Sample) =>
  onPlatform(false, async ({ client }) => {
    await submit(client, warmUp);
    const began = performance.now();
    await eachOf(samples, 8, (sample) => submit(client, sample));
    return performance.now() - began;
  });

/** Milliseconds from the start of the process to its printed address: with an empty folder, and with the same one again. */
const startUp = () =>
  inFolder(async (directory) => {
    const once = async () => {
      const began = performance.now();
      const main = new URL('../../apps/standalone/src/main.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, ['--import', '#register', main], {
        env: {
          ...process.env,
          CASEWIRE_DIRECTORY: join(directory, 'platform'),
          PORT: '0',
          LOG_LEVEL: 'error',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const chunk of child.stdout) if (String(chunk).includes('Casewire runs at')) break;
      const durationMs = performance.now() - began;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      return Math.round(durationMs);
    };
    return { first: await once(), again: await once() };
  });

const scans = await Promise.all(
  Array.from({ length: pages }, (_, i) =>
    generate('payslip', { seed: 5000 + i, degrade: { noise: 4 } }),
  ),
);
const warmUp = await generate('payslip', { seed: 4999, degrade: { noise: 4 } });
const texts = await Promise.all(
  Array.from({ length: submissions }, (_, i) => generate('invoice', { seed: 6000 + i })),
);

print(`${pages} scanned pages, ${ocrWorkers} OCR workers`);
const bareMs = await bareEngine(scans, warmUp);
print(`bare engine            ${perSecond(pages, bareMs)} pages/s`);
const platformMs = await throughPlatform(scans, warmUp);
print(`through the platform   ${perSecond(pages, platformMs)} pages/s`);
const overhead = platformMs / bareMs - 1;
print(`overhead               ${(overhead * 100).toFixed(1)} %`);
const submissionMs = await submitting(texts, warmUp);
print(
  `case submissions       ${perSecond(submissions, submissionMs)} /s (one text PDF each, 8 at once)`,
);
const startUpMs = await startUp();
print(
  `start-up               ${startUpMs.first} ms on an empty folder, ${startUpMs.again} ms again`,
);
if (process.argv.includes('--json')) {
  print(
    JSON.stringify({
      pages,
      barePagesPerSecond: perSecond(pages, bareMs),
      platformPagesPerSecond: perSecond(pages, platformMs),
      overhead: Number(overhead.toFixed(3)),
      submissionsPerSecond: perSecond(submissions, submissionMs),
      startUpMs,
    }),
  );
}
process.exit(0);
