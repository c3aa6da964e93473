import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FolderBlobStore } from '@casewire/blobs';
import { StageResult, type StageRequest } from '@casewire/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { storedRequest } from '../test/stored-request.ts';

let folder: string;
let blobs: FolderBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-crashing-'));
  blobs = new FolderBlobStore(join(folder, 'blobs'));
});
afterEach(() => rm(folder, { recursive: true }));

const request = (content: 'innocent' | 'kills') =>
  storedRequest(blobs, new Date(), {
    content,
    deadline: new Date(Date.now() + 600_000).toISOString(),
  });

/** Starts processes one after the other, each with all requests, until one of them exits by itself. */
async function runUntilDone(requests: StageRequest[]) {
  const file = join(folder, 'requests.json');
  await writeFile(file, JSON.stringify(requests));
  const script = join(import.meta.dirname, '../test/stage-process.ts');
  const program = ['--import', '#register', script, join(folder, 'blobs'), file];
  for (let kills = 0; kills < 20; kills++) {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, program);
      const results = stdout.trim().split('\n');
      return { kills, results: results.map((line) => StageResult.parse(JSON.parse(line))) };
    } catch (error) {
      if ((error as { signal?: string }).signal !== 'SIGKILL') throw error;
    }
  }
  throw new Error('no process exited by itself');
}

test('runs beside one that crashes its process complete, and only that one fails with CRASHED', async () => {
  const innocent = await Promise.all([request('innocent'), request('innocent')]);
  const killer = await request('kills');
  const { kills, results } = await runUntilDone([innocent[0], killer, innocent[1]]);
  const of = (runId: string) => results.find((result) => result.runId === runId);
  for (const { runId } of innocent) expect(of(runId)).toMatchObject({ status: 'completed' });
  expect(of(killer.runId)).toMatchObject({ status: 'failed', failure: { code: 'CRASHED' } });
  expect(kills).toBe(3);
});

test('two documents that crash their process only delay a third one', async () => {
  const killers = await Promise.all([request('kills'), request('kills')]);
  const innocent = await request('innocent');
  const { results } = await runUntilDone([...killers, innocent]);
  const of = (runId: string) => results.find((result) => result.runId === runId);
  expect(of(innocent.runId)).toMatchObject({ status: 'completed' });
  for (const { runId } of killers)
    expect(of(runId)).toMatchObject({ status: 'failed', failure: { code: 'CRASHED' } });
});
