import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Problem } from '@casewire/contracts';
import { expect } from 'vitest';

import type { Partner, TestPlatform } from './test-platform.ts';

/** A submission that must be refused. */
export interface RefusedSubmission {
  body: FormData | string;
  headers?: Record<string, string>;
  /** The API key; by default the key of the partner. */
  key?: string;
}

/**
 * Submits, and checks that the platform refuses with this status and code, and stores nothing: no case, no blob, no file of
 * the upload.
 * @returns the problem of the response
 */
export async function expectRefused(
  { platform, partner }: { platform: TestPlatform; partner: Partner },
  { body, headers = {}, key = partner.key }: RefusedSubmission,
  status: number,
  code: string,
): Promise<Problem> {
  const filesBelow = (folder: string) => {
    const path = join(platform.folder, folder);
    return existsSync(path)
      ? readdirSync(path, { recursive: true, withFileTypes: true }).filter(
          (entry) => entry.isFile() && !entry.name.endsWith('.lock'),
        )
      : [];
  };
  const caseCount = async () => (await partner.client.cases({ limit: 100 })).items.length;
  const before = { cases: await caseCount(), blobs: filesBelow('blobs').length };
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': key, ...headers },
    body,
  });
  const problem = (await response.json()) as Problem;
  expect([response.status, problem.code]).toEqual([status, code]);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await caseCount()).toBe(before.cases);
  await expect
    .poll(() => filesBelow('blobs').length, { timeout: 5000 })
    .toBeLessThanOrEqual(before.blobs);
  expect(filesBelow('incoming')).toEqual([]);
  return Problem.parse(problem);
}
